#!/usr/bin/env node
console.log('mc')
