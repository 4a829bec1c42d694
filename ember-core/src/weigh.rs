//! How much memory values hold.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{OsStr, OsString};
use std::mem::{needs_drop, size_of, size_of_val};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

#[cfg(all(test, not(loom)))]
mod tests;

/// A value that knows how many bytes of memory it holds.
///
/// It is an estimate: what an allocator rounds up to is not known, and of maps and sets that allocate by nodes or tables only
/// the entries and their share of the table are counted. What an `Arc` or `Rc` points to counts for each handle, since nobody
/// knows which is the last.
///
/// ```
/// use ember_core::Weigh;
///
/// struct Document {
///     title: String,
///     pages: Vec<String>,
/// }
///
/// impl Weigh for Document {
///     fn heap(&self) -> usize {
///         self.title.heap() + self.pages.heap()
///     }
/// }
///
/// let document = Document { title: "Ember".to_owned(), pages: vec!["a".repeat(1000)] };
/// assert_eq!(document.heap(), 5 + size_of::<String>() + 1000);
/// assert_eq!(document.weight(), size_of::<Document>() + document.heap());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how much memory it holds",
    label = "`{Self}` has no weight",
    note = "types of your own implement `ember::Weigh`; or say how much it is by a function: `memory = |page| page.len()` at an operator, `.memory_by(&budget, |page| page.len())` of a batch or a stream"
)]
pub trait Weigh {
    /// The bytes that it owns elsewhere, on the heap.
    fn heap(&self) -> usize;

    /// The bytes that it holds in all: its own size, and what it owns elsewhere.
    fn weight(&self) -> usize {
        size_of_val(self) + self.heap()
    }
}

macro_rules! flat {
    ($($type:ty),* $(,)?) => {
        $(impl Weigh for $type {
            #[inline]
            fn heap(&self) -> usize {
                0
            }
        })*
    };
}

flat!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    str,
    OsStr,
    Path,
    std::time::Duration,
    std::time::Instant,
    std::time::SystemTime,
    std::net::IpAddr,
    std::net::SocketAddr,
    std::num::NonZeroU32,
    std::num::NonZeroU64,
    std::num::NonZeroUsize,
    std::sync::atomic::AtomicBool,
    std::sync::atomic::AtomicU32,
    std::sync::atomic::AtomicUsize,
);

/// What it refers to belongs to somebody else.
impl<T: ?Sized> Weigh for &T {
    fn heap(&self) -> usize {
        0
    }
}

impl Weigh for String {
    fn heap(&self) -> usize {
        self.capacity()
    }
}

impl Weigh for OsString {
    fn heap(&self) -> usize {
        self.capacity()
    }
}

impl Weigh for PathBuf {
    fn heap(&self) -> usize {
        self.capacity()
    }
}

/// What items own. Those that need no destructor own nothing.
fn all<'a, T: Weigh + 'a>(items: impl IntoIterator<Item = &'a T>) -> usize {
    if needs_drop::<T>() { items.into_iter().map(Weigh::heap).sum() } else { 0 }
}

impl<T: Weigh> Weigh for [T] {
    fn heap(&self) -> usize {
        all(self)
    }
}

impl<T: Weigh, const N: usize> Weigh for [T; N] {
    fn heap(&self) -> usize {
        all(self)
    }
}

macro_rules! rows {
    ($($row:ident),*) => {
        $(impl<T: Weigh> Weigh for $row<T> {
            fn heap(&self) -> usize {
                self.capacity() * size_of::<T>() + all(self)
            }
        })*
    };
}

rows!(Vec, VecDeque, BinaryHeap);

impl<T: Weigh> Weigh for LinkedList<T> {
    fn heap(&self) -> usize {
        self.len() * (size_of::<T>() + 2 * size_of::<usize>()) + all(self)
    }
}

impl<T: Weigh, S> Weigh for HashSet<T, S> {
    fn heap(&self) -> usize {
        self.capacity() * (size_of::<T>() + 1) + all(self)
    }
}

impl<K: Weigh, V: Weigh, S> Weigh for HashMap<K, V, S> {
    fn heap(&self) -> usize {
        self.capacity() * (size_of::<(K, V)>() + 1) + all(self.keys()) + all(self.values())
    }
}

impl<T: Weigh> Weigh for BTreeSet<T> {
    fn heap(&self) -> usize {
        self.len() * size_of::<T>() + all(self)
    }
}

impl<K: Weigh, V: Weigh> Weigh for BTreeMap<K, V> {
    fn heap(&self) -> usize {
        self.len() * size_of::<(K, V)>() + all(self.keys()) + all(self.values())
    }
}

impl<T: Weigh + ?Sized> Weigh for Box<T> {
    fn heap(&self) -> usize {
        (**self).weight()
    }
}

impl<T: Weigh + ?Sized> Weigh for Arc<T> {
    fn heap(&self) -> usize {
        (**self).weight() + 2 * size_of::<usize>()
    }
}

impl<T: Weigh + ?Sized> Weigh for Rc<T> {
    fn heap(&self) -> usize {
        (**self).weight() + 2 * size_of::<usize>()
    }
}

impl<T: Weigh> Weigh for Option<T> {
    fn heap(&self) -> usize {
        self.as_ref().map_or(0, Weigh::heap)
    }
}

impl<T: Weigh, E: Weigh> Weigh for Result<T, E> {
    fn heap(&self) -> usize {
        self.as_ref().map_or_else(Weigh::heap, Weigh::heap)
    }
}

impl<B: ToOwned<Owned: Weigh> + ?Sized> Weigh for Cow<'_, B> {
    fn heap(&self) -> usize {
        match self {
            Cow::Borrowed(_) => 0,
            Cow::Owned(owned) => owned.heap(),
        }
    }
}

impl<T: Weigh + Copy> Weigh for Cell<T> {
    fn heap(&self) -> usize {
        self.get().heap()
    }
}

/// Nothing while it is borrowed exclusively.
impl<T: Weigh> Weigh for RefCell<T> {
    fn heap(&self) -> usize {
        self.try_borrow().map_or(0, |value| value.heap())
    }
}

impl<T: Weigh> Weigh for Mutex<T> {
    fn heap(&self) -> usize {
        self.lock().unwrap_or_else(PoisonError::into_inner).heap()
    }
}

impl<T: Weigh> Weigh for RwLock<T> {
    fn heap(&self) -> usize {
        self.read().unwrap_or_else(PoisonError::into_inner).heap()
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {
        $(impl<$($name: Weigh),*> Weigh for ($($name,)*) {
            fn heap(&self) -> usize {
                #[expect(non_snake_case, reason = "they are called as their types")]
                let ($($name,)*) = self;
                0 $(+ $name.heap())*
            }
        })*
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
