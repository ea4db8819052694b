// The language of a file, by its name alone: good enough to group by, and it costs no look at the file.

const byName: Readonly<Record<string, string>> = {
  Dockerfile: 'Dockerfile', Containerfile: 'Dockerfile', Makefile: 'Makefile', makefile: 'Makefile', GNUmakefile: 'Makefile',
  'CMakeLists.txt': 'CMake', Rakefile: 'Ruby', Gemfile: 'Ruby', Vagrantfile: 'Ruby', Jenkinsfile: 'Groovy',
  BUILD: 'Starlark', WORKSPACE: 'Starlark', 'BUILD.bazel': 'Starlark', 'meson.build': 'Meson', 'go.mod': 'Go Module', 'go.sum': 'Go Checksums',
}; // prettier-ignore

const byExtension: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'Ada adb ads', 'Assembly asm s', 'Astro astro', 'Batch bat cmd', 'C c h', 'C# cs csx', 'C++ cc cpp cxx hh hpp hxx inl', 'CSS css',
    'Clojure clj cljc cljs edn', 'CMake cmake', 'CoffeeScript coffee', 'Crystal cr', 'CSV csv', 'CUDA cu cuh', 'D d', 'Dart dart', 'Diff diff patch',
    'Elixir ex exs', 'Elm elm', 'Emacs Lisp el', 'Erlang erl hrl', 'F# fs fsi fsx', 'Fortran f f90 f95 for', 'GLSL frag glsl vert',
    'Gettext po pot', 'Go go', 'Gradle gradle', 'GraphQL gql graphql', 'Groovy groovy', 'HCL hcl tf tfvars', 'HTML htm html xhtml', 'Haskell hs lhs',
    'INI cfg conf ini', 'JSON json jsonc json5', 'Java java', 'JavaScript cjs js jsx mjs', 'Julia jl', 'Kotlin kt kts', 'Less less', 'Lisp lisp lsp',
    'Lua lua', 'Markdown markdown md mdx', 'Nim nim', 'Nix nix', 'OCaml ml mli', 'Objective-C m', 'Objective-C++ mm', 'PHP php phtml', 'PLpgSQL pgsql',
    'Pascal pas pp', 'Perl perl pl pm t', 'PowerShell ps1 psd1 psm1', 'Prisma prisma', 'Prolog pro', 'Protocol Buffers proto', 'Python py pyi pyw pyx',
    'R r rmd', 'Racket rkt', 'Roff man', 'Ruby erb gemspec rake rb', 'Rust rs', 'SQL ddl sql', 'SVG svg', 'Sass sass scss', 'Scala sbt scala',
    'Scheme scm ss', 'Shell bash fish ksh sh zsh', 'Solidity sol', 'Starlark bzl star', 'Svelte svelte', 'Swift swift', 'SystemVerilog sv svh', 'TOML toml',
    'Tcl tcl tk', 'TeX bib cls sty tex', 'Text asciidoc adoc rst txt', 'TypeScript cts mts ts tsx', 'VHDL vhd vhdl', 'Verilog v', 'Vim Script vim',
    'Visual Basic vb', 'Vue vue', 'WebAssembly wasm wat', 'XML xml xsd xsl xslt', 'YAML yaml yml', 'Zig zig',
  ].flatMap((line) => {
    const words = line.split(' ');
    // Names of languages may have a blank; extensions are the lower-case words after it.
    const first = words.findIndex((word, at) => at > 0 && word === word.toLowerCase());
    const name = words.slice(0, first).join(' ');
    return words.slice(first).map((extension) => [extension, name] as const);
  }),
); // prettier-ignore

/** Null when the name does not tell. */
export function languageOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (Object.hasOwn(byName, name)) return byName[name]!;
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return null;
  const extension = name.slice(dot + 1).toLowerCase();
  return Object.hasOwn(byExtension, extension) ? byExtension[extension]! : null;
}

/** Extensions by which files of a language are known. */
export function extensionsOf(language: string): string[] {
  return Object.keys(byExtension).filter((extension) => byExtension[extension] === language);
}
