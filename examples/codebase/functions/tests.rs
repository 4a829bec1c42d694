use std::path::Path;

use super::*;
use crate::scan::Tokens;

fn functions(file: &str, text: &str) -> Vec<(String, u32, u32)> {
    let language = Language::of(Path::new(file), text);
    let mut finder = FunctionFinder::of(language);
    for token in Tokens::of(text, language) {
        finder.take(&token);
    }
    let mut found = finder.finish(100);
    found.sort_by_key(|function| function.first);
    found.into_iter().map(|function| (function.name, function.first, function.last)).collect()
}

fn named(name: &str, first: u32, last: u32) -> (String, u32, u32) {
    (name.to_owned(), first, last)
}

#[test]
fn rust_functions_nest_and_their_types_and_declarations_are_none() {
    let text = "trait T { fn declared(&self); }
        fn outer<F: Fn(u8) -> u8, I: Iterator<Item = u8>>(f: fn(u8) -> u8, x: [u8; 3]) -> [u8; 2]
        where F: Clone {
            fn inner() { let c = '}'; let s = \"}}\"; }
            let m = match 1 { _ => 2 };
        }
        const X: fn() = || {};";
    assert_eq!(functions("a.rs", text), [named("outer", 2, 6), named("inner", 4, 4)]);
}

#[test]
fn c_functions_are_told_from_statements_and_macros() {
    let text = "MODULE(x)\nstatic int\nfirst(int a)\n{\n  for (;;) { each(x) { } }\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n  }\n}\nint declared(void);\nint a[] = { 1 };\nstruct s {\n};\nint second(void) { return 1; }\n";
    assert_eq!(functions("a.c", text), [named("first", 3, 12), named("second", 17, 17)]);
}

#[test]
fn constructors_with_members_are_functions() {
    let text =
        "struct A {\n  A(int x) : b(x), c{1} {\n  }\n  int get() const noexcept {\n    return 1;\n  }\n};\n";
    let names: Vec<String> = functions("a.cpp", text).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["A", "get"]);
}

#[test]
fn go_names_stand_after_the_receiver_and_javascript_has_methods() {
    assert_eq!(functions("a.go", "func (t *T) Name(a int) error {\n}\n"), [named("Name", 1, 2)]);
    let text =
        "class A {\n  run(x) {\n    if (x) {\n    }\n  }\n}\nfunction f() {\n}\nconst g = (a) => {\n};\n";
    assert_eq!(functions("a.js", text), [named("run", 2, 5), named("f", 7, 8)]);
}

#[test]
fn indented_bodies_end_before_the_next_line_that_stands_further_out() {
    let text = "def one(\n    a,\n):\n    '''doc\nstill doc'''\n    def two():\n        x = '''\ntext\n'''\n        return 1\n\n# a comment\n\nx = 1\nasync def three(): pass\n";
    assert_eq!(functions("a.py", text), [named("one", 1, 10), named("two", 6, 10), named("three", 15, 15)]);
}

#[test]
fn an_end_belongs_to_its_function() {
    let text = "class A\n  def self.one\n    if x\n    end\n  rescue\n    2\n  end\n  def two; end\nend\n";
    assert_eq!(functions("a.rb", text), [named("self.one", 2, 7), named("two", 8, 8)]);
    assert_eq!(functions("a.lua", "local function m.a:b()\n  x()\nend\n"), [named("m.a:b", 1, 3)]);
}
