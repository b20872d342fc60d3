// What this browser remembers between pages.
export const remember = (key, value) => {
  try {
    if (value) localStorage.setItem(key, value)
    else localStorage.removeItem(key)
  } catch {
    // Storage is full or forbidden: then it lives as long as the page.
  }
}

export const recall = (key) => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
