//! The table of glue: plain Rust that stands between the nodes.

use super::construct::Construct;
use super::forms::{Form, Take};
use super::types::{Fault, Ty};

/// Glue that gives a value.
pub(super) fn values() -> Vec<Form> {
    use Construct as C;
    use Take as T;
    let (num, text, str) = (&Ty::Num, &Ty::Text, &Ty::Str);
    let glue = Form::new;
    vec![
        glue("@ * 2 + 1", &[T::Num], Ty::Num),
        glue("@ % 5 + @", &[T::Num, T::Num], Ty::Num),
        glue("usize::max(@, @)", &[T::Num, T::Num], Ty::Num),
        glue("@.len()", &[T::StrPlace], Ty::Num).shows(&[C::MethodGlue]),
        glue("@.len()", &[T::NumsPlace], Ty::Num).shows(&[C::MethodGlue]),
        glue("@.iter().sum::<usize>()", &[T::NumsPlace], Ty::Num).shows(&[C::MethodGlue]),
        glue("@.iter().map(|x| x % 9 + @).sum::<usize>()", &[T::NumsPlace, T::NumName], Ty::Num),
        glue("({ twice(@) })", &[T::Num], Ty::Num).shows(&[C::Braced]).weight(9),
        glue("@.trim().parse::<usize>()? % 997", &[T::StrPlace], Ty::Num)
            .fails(Fault::Parse)
            .shows(&[C::QuestionInGlue])
            .weight(2),
        glue("@.checked_sub(1).ok_or(\"no number before nought\")?", &[T::NumName], Ty::Num)
            .fails(Fault::Words)
            .shows(&[C::QuestionInGlue])
            .weight(40),
        glue("@?", &[T::Outcome], Ty::Num).fails(Fault::Refused).shows(&[C::QuestionInGlue]).weight(40),
        glue("@.trim().to_owned()", &[T::StrPlace], Ty::Text).shows(&[C::MethodGlue]),
        glue("@.to_string()", &[T::StrPlace], Ty::Text).shows(&[C::MethodGlue]),
        glue("format!(\"<{@}|{@:?}>\")", &[T::Shown, T::Debugged], Ty::Text).shows(&[C::Captures]).weight(8),
        glue("format!(\"{}-{@:>3}\", @ + 1)", &[T::NumName, T::Num], Ty::Text).shows(&[C::Captures]),
        glue("String::from(@)", &[T::StrExact], Ty::Text),
        glue("({ joined(@, @) })", &[T::Str, T::Str], Ty::Text).shows(&[C::Braced]).weight(9),
        glue("@ + @", &[T::TextTaken, T::StrExact], Ty::Text),
        glue("@", &[T::NamePart], Ty::Text).weight(16),
        glue("&@[..]", &[T::TextName], Ty::Str).lends(&[0]).shows(&[C::Indexing]),
        glue("@.trim()", &[T::StrPlace], Ty::Str).lends(&[0]).shows(&[C::MethodGlue]),
        glue("@.as_str()", &[T::TextName], Ty::Str).lends(&[0]).shows(&[C::MethodGlue]),
        glue("({ trimmed(@) })", &[T::Str], Ty::Str).lends(&[0]).shows(&[C::Braced]).weight(9),
        glue("vec![@, @]", &[T::Num, T::Num], num.list()).shows(&[C::OtherMacro]),
        glue("vec![@; 3]", &[T::Num], num.list()).shows(&[C::OtherMacro]),
        glue("(0..3).map(|x| x + @).collect::<Vec<usize>>()", &[T::NumName], num.list()),
        glue("@.to_vec()", &[T::NumsPlace], num.list()).shows(&[C::MethodGlue]),
        glue("vec![@, @]", &[T::StrExact, T::StrExact], str.list()).lends(&[0, 1]).shows(&[C::OtherMacro]),
        glue("@.split(' ').collect::<Vec<_>>()", &[T::StrPlace], str.list()).lends(&[0]),
        glue("@.iter().rev().copied().collect::<Vec<&str>>()", &[T::WordsPlace], str.list()).lends(&[0]),
        glue("vec![@, @]", &[T::Text, T::Text], text.list()).shows(&[C::OtherMacro]),
        glue("[@, @, @]", &[T::Num, T::Num, T::Num], Ty::triple()),
        glue("Record { name: @, count: @ }", &[T::Text, T::Num], Ty::Record).shows(&[C::StructLiteral]),
        glue("Model::new(@)", &[T::Num], Ty::Model),
        glue("@ % 10 > @ % 7", &[T::Num, T::Num], Ty::Bool),
        glue("@.is_empty()", &[T::StrPlace], Ty::Bool).shows(&[C::MethodGlue]),
        glue("@ % 3 != 0 && !@.is_empty()", &[T::Num, T::StrPlace], Ty::Bool),
        glue("matches!(@, 0 | 3..=40)", &[T::Num], Ty::Bool).shows(&[C::OtherMacro]),
        glue("!@", &[T::Bool], Ty::Bool),
        glue("Some(@)", &[T::Num], num.maybe()),
        glue("@.first().copied()", &[T::NumsPlace], num.maybe()).shows(&[C::MethodGlue]),
        glue("@.last().copied()", &[T::WordsPlace], str.maybe()).lends(&[0]).shows(&[C::MethodGlue]),
        glue("|x: usize| x + @", &[T::NumName], Ty::Closure { copied: true })
            .lends(&[0])
            .shows(&[C::Closure])
            .weight(16),
        glue("move |x: usize| x + @", &[T::NumCopied], Ty::Closure { copied: true })
            .shows(&[C::Closure])
            .weight(16),
        glue("|x: usize| x * 2 + @.len()", &[T::TextName], Ty::Closure { copied: true })
            .lends(&[0])
            .shows(&[C::Closure])
            .weight(16),
        glue("|x: usize| x + @.count", &[T::RecordName], Ty::Closure { copied: true })
            .lends(&[0])
            .shows(&[C::Closure])
            .weight(16),
        glue("|x: usize| x + @.iter().sum::<usize>() % 7", &[T::NumsName], Ty::Closure { copied: true })
            .lends(&[0])
            .shows(&[C::Closure])
            .weight(8),
        glue("@(@)", &[T::Callee, T::Num], Ty::Num).shows(&[C::ClosureCall]).weight(16),
        glue("move |x: usize| x + @.len()", &[T::TextTaken], Ty::Closure { copied: false })
            .shows(&[C::Closure])
            .weight(16),
    ]
}

/// Glue that changes a binding and stands as a statement.
pub(super) fn changes() -> Vec<Form> {
    use Take as T;
    let change = |template, takes| Form::new(template, takes, Ty::Unit).shows(&[Construct::ChangeByGlue]);
    vec![
        change("@.push(@)", &[T::NumsPlaceMut, T::Num]),
        change("@.sort()", &[T::NumsPlaceMut]),
        change("@ += @", &[T::NumPlaceMut, T::Num]),
        change("@.push_str(@)", &[T::TextPlaceMut, T::Str]),
        change("@.count += @", &[T::RecordPlaceMut, T::Num]),
        change("@.factor += 1", &[T::ModelPlaceMut]),
    ]
}

/// Arguments that are more than a name: the place, and what stands in it.
pub(super) fn arguments() -> Vec<(Take, Form)> {
    use Construct as C;
    use Take as T;
    let glue = Form::new;
    vec![
        (T::Num, glue("(twice(@) + 1)", &[T::Num], Ty::Num).shows(&[C::NestedCall])),
        (T::Num, glue("@ % 7", &[T::Num], Ty::Num)),
        (T::Num, glue("@ + @", &[T::Num, T::Num], Ty::Num)),
        (T::Num, glue("@.len() + 1", &[T::StrPlace], Ty::Num).shows(&[C::MethodGlue])),
        (T::NumRef, glue("&(@ + 1)", &[T::Num], Ty::Num)),
        (T::Bool, glue("@ % 2 == 0", &[T::Num], Ty::Bool)),
        (T::Str, glue("trimmed(@).trim()", &[T::Str], Ty::Str).lends(&[0]).shows(&[C::NestedCall])),
        (T::Str, glue("&(joined(@, @))", &[T::Str, T::Str], Ty::Text).shows(&[C::NestedCall])),
        (T::Str, glue("&format!(\"{@}.\")", &[T::Shown], Ty::Text).shows(&[C::Captures])),
        (T::Text, glue("format!(\"{@}+{@:?}\")", &[T::Shown, T::Debugged], Ty::Text).shows(&[C::Captures])),
        (
            T::Text,
            glue("joined(@, @).trim().to_owned()", &[T::Str, T::Str], Ty::Text).shows(&[C::NestedCall]),
        ),
        (T::Strs, glue("&[@, @]", &[T::Str, T::Str], Ty::Str.list()).lends(&[0, 1])),
        (T::Words, glue("vec![@, @]", &[T::StrExact, T::StrExact], Ty::Str.list()).shows(&[C::OtherMacro])),
        (T::Texts, glue("&[@, @]", &[T::Text, T::Text], Ty::Text.list())),
        (T::NumSlice, glue("&[@, @]", &[T::Num, T::Num], Ty::Num.list())),
        (T::NumSlice, glue("&vec![@; 2]", &[T::Num], Ty::Num.list()).shows(&[C::OtherMacro])),
        (T::Nums, glue("vec![@, @]", &[T::Num, T::Num], Ty::Num.list()).shows(&[C::OtherMacro])),
        (T::Array, glue("[@, @]", &[T::Num, T::Num], Ty::triple())),
        (T::Fn, glue("|x| x + @", &[T::NumName], Ty::Unit)),
        (T::Fn, glue("|x| x + @.len() * 2", &[T::TextName], Ty::Unit)),
        (T::Fn, glue("|x| x + @.count * 2", &[T::RecordName], Ty::Unit)),
        (T::Fn, glue("|x| x * 3 + 1", &[], Ty::Unit)),
        (
            T::RecordRef,
            glue("&Record { name: @, count: @ }", &[T::Text, T::Num], Ty::Record).shows(&[C::StructLiteral]),
        ),
        (
            T::Record,
            glue("Record { name: @, count: @ }", &[T::Text, T::Num], Ty::Record).shows(&[C::StructLiteral]),
        ),
    ]
}
