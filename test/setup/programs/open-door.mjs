// A program for package.test.ts: imports a package and tells what it exports.
console.log('exports', Object.keys(await import(process.argv[2] ?? '')).join(' '));
