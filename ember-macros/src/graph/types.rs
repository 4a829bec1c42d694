//! The little that can be read off types and patterns.

use syn::{Expr, Pat, ReturnType, Type};

/// Whether a type is `Copy` whatever the names in it mean: shared references and primitives.
pub(super) fn is_copy(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none(),
        Type::Path(path) => {
            path.qself.is_none()
                && path.path.get_ident().is_some_and(|ident| is_primitive(&ident.to_string()))
        }
        Type::Tuple(tuple) => tuple.elems.iter().all(is_copy),
        Type::Array(array) => is_copy(&array.elem),
        Type::Paren(paren) => is_copy(&paren.elem),
        Type::Group(group) => is_copy(&group.elem),
        Type::Never(_) => true,
        _ => false,
    }
}

/// The names that only the language gives types.
pub(crate) fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "usize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "isize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "f32"
            | "f64"
            | "bool"
            | "char"
            | "str"
    )
}

/// Whether a return type is written as a `Result`.
pub(super) fn returns_result(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Path(path) => path.path.segments.last().is_some_and(|s| s.ident == "Result"),
            _ => false,
        },
    }
}

/// Whether a return type may be a `Result`: it is written as one, or as a name that only the compiler understands.
pub(crate) fn may_be_result(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => !is_no_result(ty),
    }
}

/// Whether a function of this return type ends without a value.
pub(super) fn returns_nothing(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()),
    }
}

/// The types in a written `Result<T, E>`.
pub(crate) fn result_parts(ty: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Result")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((types.next()?, types.next()?))
}

/// The error type that a written `Result<_, E>` names.
pub(super) fn error_type(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Result")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.iter().nth(1)? {
        syn::GenericArgument::Type(error) => Some(error),
        _ => None,
    }
}

/// Whether a type is one that everyone knows to be no `Result`.
pub(super) fn is_no_result(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|s| {
            let name = s.ident.to_string();
            is_primitive(&name)
                || matches!(
                    name.as_str(),
                    "String"
                        | "Vec"
                        | "Option"
                        | "Box"
                        | "Arc"
                        | "Rc"
                        | "HashMap"
                        | "HashSet"
                        | "BTreeMap"
                        | "BTreeSet"
                        | "Cow"
                        | "PathBuf"
                        | "Duration"
                )
        }),
        Type::Paren(paren) => is_no_result(&paren.elem),
        Type::Group(group) => is_no_result(&group.elem),
        Type::Verbatim(_) | Type::Macro(_) | Type::Infer(_) => false,
        _ => true,
    }
}

/// Takes the spaces out that printing tokens puts in.
pub(crate) fn tidy(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        ("[ ", "["),
        (" ]", "]"),
        ("( ", "("),
        (" )", ")"),
        (" ;", ";"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// Whether a type names one of the type parameters, or is one itself (`impl Trait`).
pub(super) fn is_generic(ty: &Type, generics: &syn::Generics) -> bool {
    struct Find<'g>(&'g syn::Generics, bool);
    impl<'a> syn::visit::Visit<'a> for Find<'_> {
        fn visit_ident(&mut self, ident: &'a proc_macro2::Ident) {
            self.1 |= self.0.type_params().any(|param| param.ident == *ident);
        }
        fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
            self.1 = true;
        }
    }
    let mut find = Find(generics, false);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.1
}

/// A pattern and the guard behind it.
pub(super) fn split_guard(arm: &syn::Arm) -> (Pat, Option<Expr>) {
    match &arm.pat {
        Pat::Guard(guarded) => ((*guarded.pat).clone(), Some((*guarded.guard).clone())),
        pat => (pat.clone(), None),
    }
}

/// What stands behind `=>`.
pub(super) fn arm_body(arm: &syn::Arm) -> &Expr {
    &arm.body
}

/// What a graph can take in place of what borrows.
pub(super) fn owned_instead(borrow: &Type) -> String {
    let text = |ty: &Type| tidy(&quote::ToTokens::to_token_stream(ty).to_string());
    let Type::Reference(reference) = borrow else {
        return format!("a type that owns its data in place of `{}`", text(borrow));
    };
    let (given, owned, shared) = match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => {
            ("&str".to_owned(), "String".to_owned(), "str".to_owned())
        }
        Type::Slice(slice) => {
            let item = text(&slice.elem);
            (format!("&[{item}]"), format!("Vec<{item}>"), format!("[{item}]"))
        }
        Type::Paren(inner) => {
            return format!("`Arc<{}>` for `&({})`", text(&inner.elem), text(&inner.elem));
        }
        Type::TraitObject(_) => {
            let inner = text(&reference.elem);
            return format!("`Arc<{inner}>` for `&{inner}`");
        }
        other => (format!("&{}", text(other)), text(&unsized_owner(other)), text(other)),
    };
    format!("`{owned}` or `Arc<{shared}>` for `{given}`")
}

/// The type that owns what one of the standard library's unsized types lends; any other type owns itself.
fn unsized_owner(ty: &Type) -> Type {
    let mut owner = ty.clone();
    if let Type::Path(path) = &mut owner
        && let Some(last) = path.path.segments.last_mut()
    {
        let name = match last.ident.to_string().as_str() {
            "Path" => "PathBuf",
            "OsStr" => "OsString",
            "CStr" => "CString",
            _ => return owner,
        };
        last.ident = syn::Ident::new(name, last.ident.span());
    }
    owner
}

/// What in a type is borrowed for less than for ever.
pub(super) fn borrowed(ty: &Type) -> Option<Type> {
    struct Find(Option<Type>);
    impl<'a> syn::visit::Visit<'a> for Find {
        fn visit_type(&mut self, ty: &'a Type) {
            let is_static = |lifetime: &syn::Lifetime| lifetime.ident == "static";
            let found = match ty {
                Type::Reference(reference) => !reference.lifetime.as_ref().is_some_and(is_static),
                Type::Path(path) => path.path.segments.iter().any(|segment| {
                    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                        return false;
                    };
                    arguments.args.iter().any(
                        |arg| matches!(arg, syn::GenericArgument::Lifetime(lifetime) if !is_static(lifetime)),
                    )
                }),
                // What functions borrow when they are called is theirs.
                Type::FnPtr(_) | Type::ImplTrait(_) | Type::TraitObject(_) => return,
                _ => false,
            };
            if found && self.0.is_none() {
                self.0 = Some(ty.clone());
            }
            syn::visit::visit_type(self, ty);
        }
    }
    let mut find = Find(None);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.0
}
