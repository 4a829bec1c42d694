//! The languages that the survey knows.

use crate::{
    keywords,
    language::{Functions, Kind, Language, Quote, Reach},
};

const DOUBLE: Quote = Quote { mark: "\"", escapes: true, reach: Reach::Line };
const SINGLE: Quote = Quote { mark: "'", escapes: true, reach: Reach::Line };
const DOUBLE_LINES: Quote = Quote { mark: "\"", escapes: true, reach: Reach::Lines };
const SINGLE_LINES: Quote = Quote { mark: "'", escapes: false, reach: Reach::Lines };
const CHARACTER: Quote = Quote { mark: "'", escapes: true, reach: Reach::Character };
const BACKTICK: Quote = Quote { mark: "`", escapes: true, reach: Reach::Lines };
const BACKTICK_RAW: Quote = Quote { mark: "`", escapes: false, reach: Reach::Lines };
const TRIPLE: Quote = Quote { mark: "\"\"\"", escapes: true, reach: Reach::Lines };
const DOC_DOUBLE: Quote = Quote { mark: "\"\"\"", escapes: true, reach: Reach::Doc };
const DOC_SINGLE: Quote = Quote { mark: "'''", escapes: true, reach: Reach::Doc };

const SLASHES: &[&str] = &["//"];
const HASH: &[&str] = &["#"];
const SLASH_STAR: &[(&str, &str)] = &[("/*", "*/")];
const ANGLES: &[(&str, &str)] = &[("<!--", "-->")];
const CALLS: Functions = Functions::Braces { words: &[], calls: true };

/// What no entry of the table fits.
pub(crate) static OTHER: Language = PROSE;

const PROSE: Language = Language {
    name: "Other",
    kind: Kind::Prose,
    endings: &[],
    files: &[],
    interpreters: &[],
    line_comments: &[],
    block_comments: &[],
    nested: false,
    quotes: &[],
    functions: Functions::None,
    keywords: &[],
};
const DATA: Language = Language { kind: Kind::Data, ..PROSE };
const CODE: Language = Language {
    kind: Kind::Code,
    line_comments: SLASHES,
    block_comments: SLASH_STAR,
    quotes: &[DOUBLE, SINGLE],
    ..PROSE
};
const SCRIPT: Language = Language {
    kind: Kind::Code,
    line_comments: HASH,
    block_comments: &[],
    quotes: &[DOUBLE_LINES, SINGLE_LINES],
    ..PROSE
};

pub(crate) static LANGUAGES: &[Language] = &[
    Language {
        name: "Rust",
        endings: &["rs"],
        nested: true,
        quotes: &[DOUBLE_LINES, CHARACTER],
        functions: Functions::Braces { words: &["fn"], calls: false },
        keywords: keywords::RUST,
        ..CODE
    },
    Language { name: "C", endings: &["c"], functions: CALLS, keywords: keywords::C, ..CODE },
    Language { name: "C header", endings: &["h"], functions: CALLS, keywords: keywords::CPP, ..CODE },
    Language {
        name: "C++",
        endings: &["cc", "cpp", "cxx", "hh", "hpp", "hxx", "cu", "cuh", "ipp"],
        functions: CALLS,
        keywords: keywords::CPP,
        ..CODE
    },
    Language {
        name: "Java",
        endings: &["java"],
        quotes: &[TRIPLE, DOUBLE, SINGLE],
        functions: CALLS,
        keywords: keywords::JAVA,
        ..CODE
    },
    Language { name: "C#", endings: &["cs"], functions: CALLS, keywords: keywords::JAVA, ..CODE },
    Language {
        name: "JavaScript",
        endings: &["js", "mjs", "cjs", "jsx"],
        interpreters: &["node"],
        quotes: &[DOUBLE, SINGLE, BACKTICK],
        functions: Functions::Braces { words: &["function"], calls: true },
        keywords: keywords::JS,
        ..CODE
    },
    Language {
        name: "TypeScript",
        endings: &["ts", "tsx", "mts", "cts"],
        quotes: &[DOUBLE, SINGLE, BACKTICK],
        functions: Functions::Braces { words: &["function"], calls: true },
        keywords: keywords::JS,
        ..CODE
    },
    Language {
        name: "Go",
        endings: &["go"],
        quotes: &[DOUBLE, SINGLE, BACKTICK_RAW],
        functions: Functions::Braces { words: &["func"], calls: false },
        keywords: keywords::GO,
        ..CODE
    },
    Language {
        name: "Swift",
        endings: &["swift"],
        nested: true,
        quotes: &[TRIPLE, DOUBLE],
        functions: Functions::Braces { words: &["func"], calls: false },
        ..CODE
    },
    Language {
        name: "Kotlin",
        endings: &["kt", "kts"],
        nested: true,
        quotes: &[TRIPLE, DOUBLE, SINGLE],
        ..CODE
    },
    Language {
        name: "PHP",
        endings: &["php"],
        line_comments: &["//", "#"],
        functions: Functions::Braces { words: &["function"], calls: false },
        ..CODE
    },
    Language { name: "Zig", endings: &["zig"], block_comments: &[], ..CODE },
    Language { name: "Assembly", endings: &["s", "asm"], line_comments: &["//", "#", ";"], ..CODE },
    Language {
        name: "Python",
        endings: &["py", "pyi"],
        interpreters: &["python"],
        quotes: &[DOC_DOUBLE, DOC_SINGLE, DOUBLE, SINGLE],
        functions: Functions::Indented { words: &["def"], end: None },
        keywords: keywords::PYTHON,
        ..SCRIPT
    },
    Language {
        name: "Ruby",
        endings: &["rb"],
        interpreters: &["ruby"],
        block_comments: &[("=begin", "=end")],
        functions: Functions::Indented { words: &["def"], end: Some("end") },
        keywords: keywords::RUBY,
        ..SCRIPT
    },
    Language {
        name: "Lua",
        endings: &["lua"],
        line_comments: &["--"],
        block_comments: &[("--[[", "]]")],
        quotes: &[DOUBLE, SINGLE],
        functions: Functions::Indented { words: &["function"], end: Some("end") },
        keywords: keywords::LUA,
        ..SCRIPT
    },
    Language {
        name: "Shell",
        endings: &["sh", "bash", "zsh"],
        interpreters: &["sh", "bash", "zsh", "dash"],
        functions: CALLS,
        keywords: keywords::SHELL,
        ..SCRIPT
    },
    Language { name: "Perl", endings: &["pl", "pm"], interpreters: &["perl"], ..SCRIPT },
    Language {
        name: "Haskell",
        endings: &["hs"],
        line_comments: &["--"],
        block_comments: &[("{-", "-}")],
        nested: true,
        quotes: &[DOUBLE, CHARACTER],
        ..CODE
    },
    Language { name: "SQL", endings: &["sql"], line_comments: &["--"], ..CODE },
    Language {
        name: "Make",
        endings: &["mk"],
        files: &["Makefile", "GNUmakefile"],
        line_comments: HASH,
        ..DATA
    },
    Language { name: "CMake", endings: &["cmake"], files: &["CMakeLists.txt"], line_comments: HASH, ..DATA },
    Language { name: "Docker", files: &["Dockerfile"], line_comments: HASH, ..DATA },
    Language {
        name: "TOML",
        endings: &["toml"],
        files: &["Cargo.lock"],
        line_comments: HASH,
        quotes: &[DOUBLE],
        ..DATA
    },
    Language { name: "YAML", endings: &["yml", "yaml"], line_comments: HASH, quotes: &[DOUBLE], ..DATA },
    Language { name: "JSON", endings: &["json", "jsonl"], ..DATA },
    Language { name: "CSV", endings: &["csv", "tsv"], ..DATA },
    Language { name: "HTML", endings: &["html", "htm"], block_comments: ANGLES, ..DATA },
    Language { name: "XML", endings: &["xml", "svg"], block_comments: ANGLES, ..DATA },
    Language {
        name: "CSS",
        endings: &["css", "scss"],
        block_comments: SLASH_STAR,
        quotes: &[DOUBLE, SINGLE],
        ..DATA
    },
    Language { name: "Markdown", endings: &["md", "markdown"], ..PROSE },
    Language { name: "Text", endings: &["txt", "rst", "adoc", "tex"], ..PROSE },
];
