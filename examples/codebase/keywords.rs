//! Words that are no identifiers, sorted.

/// Rust.
pub(crate) const RUST: &[&str] = &[
    "Self", "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
    "static", "struct", "super", "trait", "true", "type", "union", "unsafe", "use", "where", "while",
];

/// C.
pub(crate) const C: &[&str] = &[
    "auto", "break", "case", "char", "const", "continue", "default", "define", "defined", "do", "double", "elif",
    "else", "endif", "enum", "extern", "float", "for", "goto", "if", "ifdef", "ifndef", "include", "inline", "int",
    "long", "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "undef", "union", "unsigned", "void", "volatile", "while",
];

/// C++, and the headers of C.
pub(crate) const CPP: &[&str] = &[
    "alignas", "alignof", "auto", "bool", "break", "case", "catch", "char", "class", "const", "const_cast",
    "constexpr", "continue", "decltype", "default", "define", "defined", "delete", "do", "double", "dynamic_cast",
    "elif", "else", "endif", "enum", "explicit", "extern", "false", "final", "float", "for", "friend", "goto", "if",
    "ifdef", "ifndef", "include", "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "nullptr",
    "operator", "override", "private", "protected", "public", "register", "reinterpret_cast", "restrict", "return",
    "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
    "throw", "true", "try", "typedef", "typeid", "typename", "undef", "union", "unsigned", "using", "virtual",
    "void", "volatile", "while",
];

/// Java and C#.
pub(crate) const JAVA: &[&str] = &[
    "abstract", "as", "async", "await", "base", "bool", "boolean", "break", "byte", "case", "catch", "char", "class",
    "const", "continue", "default", "do", "double", "else", "enum", "extends", "false", "final", "finally", "float",
    "for", "foreach", "get", "if", "implements", "import", "in", "instanceof", "int", "interface", "internal",
    "lock", "long", "namespace", "new", "null", "out", "override", "package", "private", "protected", "public",
    "readonly", "ref", "return", "sealed", "set", "short", "static", "string", "super", "switch", "synchronized",
    "this", "throw", "throws", "true", "try", "using", "var", "virtual", "void", "volatile", "while",
];

/// JavaScript and TypeScript.
pub(crate) const JS: &[&str] = &[
    "any", "as", "async", "await", "boolean", "break", "case", "catch", "class", "const", "continue", "default",
    "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "from", "function", "if",
    "implements", "import", "in", "instanceof", "interface", "let", "new", "null", "number", "of", "private",
    "public", "readonly", "return", "static", "string", "super", "switch", "this", "throw", "true", "try", "type",
    "typeof", "undefined", "var", "void", "while", "with", "yield",
];

/// Go.
pub(crate) const GO: &[&str] = &[
    "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "false", "for", "func",
    "go", "goto", "if", "import", "interface", "map", "nil", "package", "range", "return", "select", "struct",
    "switch", "true", "type", "var",
];

/// Python.
pub(crate) const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
];

/// Ruby.
pub(crate) const RUBY: &[&str] = &[
    "and", "begin", "class", "def", "do", "else", "elsif", "end", "ensure", "false", "if", "module", "nil", "not",
    "or", "require", "rescue", "return", "self", "then", "true", "unless", "when", "while", "yield",
];

/// Lua.
pub(crate) const LUA: &[&str] = &[
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not",
    "or", "repeat", "return", "then", "true", "until", "while",
];

/// Shells.
pub(crate) const SHELL: &[&str] = &[
    "case", "do", "done", "echo", "elif", "else", "esac", "exit", "export", "fi", "for", "function", "if", "in",
    "local", "return", "set", "then", "while",
];
