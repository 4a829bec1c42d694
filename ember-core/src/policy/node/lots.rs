//! The items of a `for` whose body is the call of a batch operator. They are there already, so whole lots are handed over, and
//! nobody waits. Whether the operator is one, method lookup tells.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::vec::IntoIter;

use super::{Key, Own};
use crate::bounds::CrossesByValue;
use crate::crossing::Items;
use crate::executor::{InLots, fan_out, fan_out_in_lots};
use crate::policy::{Answers, Batcher, PolicyError};
use crate::run::{Construct, Halted, Level};

/// An operator that can be called for lots of items.
pub trait TakesLots: Sized + 'static {
    /// What a call of it is made with.
    type Entry;
    /// What it gives for one item if all goes well.
    type Value;
    /// How it fails.
    type Failure;
    /// The node whose calls put what they are given into a lot.
    type Node<'l>;

    /// How many items a call has at most.
    fn most() -> usize;

    /// The node of a lot.
    fn node(lot: &Lot<Self::Entry>) -> Self::Node<'_>;

    /// The call for what is in a lot.
    fn call(entries: Vec<Self::Entry>) -> Vec<Answer<Self>>;
}

/// What such an operator gives for an item.
type Answer<N> = Result<<N as TakesLots>::Value, PolicyError<<N as TakesLots>::Failure>>;

/// What calls have been put off.
pub struct Lot<E>(RefCell<Vec<E>>);

/// Stands for what a call will give.
#[derive(Debug)]
pub struct PutOff(());

impl<E> Lot<E> {
    /// Puts a call off.
    pub fn put(&self, entry: E) -> PutOff {
        self.0.borrow_mut().push(entry);
        PutOff(())
    }

    fn take(&self) -> Vec<E> {
        self.0.take()
    }
}

impl<E> std::fmt::Debug for Lot<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lot").finish_non_exhaustive()
    }
}

/// How the items of an operator are called for: in lots.
pub trait OwnLots<N: TakesLots> {
    /// The items of a `for`.
    fn lots(&self) -> Lots<N>;
}

impl<N: TakesLots> OwnLots<N> for &Own<N> {
    fn lots(&self) -> Lots<N> {
        Lots { lot: Lot(RefCell::new(Vec::new())), answers: RefCell::new(Vec::new().into_iter()) }
    }
}

/// The same of any other operator: one by one.
pub trait OwnItems<N> {
    /// The items of a `for`.
    fn lots<T>(&self) -> OneByOne<N, T>;
}

impl<N> OwnItems<N> for Own<N> {
    #[inline(always)]
    fn lots<T>(&self) -> OneByOne<N, T> {
        OneByOne { value: Cell::new(None), of: PhantomData }
    }
}

/// Items of a `for` that are called for in lots.
pub struct Lots<N: TakesLots> {
    lot: Lot<N::Entry>,
    answers: RefCell<IntoIter<Answer<N>>>,
}

/// In the straight line.
impl<N: TakesLots> Lots<N> {
    /// What puts off the calls of the operator.
    pub fn node(&self, _: N) -> N::Node<'_> {
        N::node(&self.lot)
    }

    /// Notes that a call was made.
    pub fn put(&self, _: PutOff) {}

    /// Whether what was put off has to be called for before there can be more.
    pub fn is_full(&self) -> bool {
        self.lot.0.borrow().len() >= N::most()
    }

    /// What one of the calls gave.
    pub fn next(&self) -> Option<Answer<N>> {
        let entries = self.lot.take();
        if !entries.is_empty() {
            let answers = N::call(entries);
            self.answers.replace(answers.into_iter());
        }
        self.answers.borrow_mut().next()
    }
}

/// In the parallel form.
impl<N: TakesLots> Lots<N> {
    /// Runs the items.
    ///
    /// # Errors
    ///
    /// If some did not finish.
    pub fn fan_out<S, T>(
        &self,
        place: &Construct<'_>,
        items: S,
        put: impl Fn(&Self, &Level<'_>, &Cell<u32>, usize, S::Item) -> Result<PutOff, Halted> + Sync,
        settle: impl Fn(&Level<'_>, &Cell<u32>, usize, Answer<N>) -> Result<T, Halted> + Sync,
    ) -> Result<Vec<T>, Halted>
    where
        S: Items<Item: CrossesByValue + Send>,
        T: CrossesByValue + Send,
    {
        fan_out_in_lots(place, items, N::most(), &Halves { put, settle, of: PhantomData })
    }
}

/// What comes before the call of a lot and what comes behind it.
struct Halves<N, I, T, P, F> {
    put: P,
    settle: F,
    of: PhantomData<fn(N, I) -> T>,
}

impl<N, I, T, P, F> InLots for Halves<N, I, T, P, F>
where
    N: TakesLots,
    I: Send,
    T: Send,
    P: Fn(&Lots<N>, &Level<'_>, &Cell<u32>, usize, I) -> Result<PutOff, Halted> + Sync,
    F: Fn(&Level<'_>, &Cell<u32>, usize, Answer<N>) -> Result<T, Halted> + Sync,
{
    type Item = I;
    type Lot = Lots<N>;
    type Answer = Answer<N>;
    type Value = T;

    fn lot(&self) -> Lots<N> {
        Lots { lot: Lot(RefCell::new(Vec::new())), answers: RefCell::new(Vec::new().into_iter()) }
    }

    fn put(
        &self,
        lot: &Lots<N>,
        level: &Level<'_>,
        at: &Cell<u32>,
        index: usize,
        item: I,
    ) -> Result<(), Halted> {
        (self.put)(lot, level, at, index, item).map(|PutOff(())| ())
    }

    fn call(&self, lot: Lots<N>) -> Vec<Answer<N>> {
        N::call(lot.lot.take())
    }

    fn settle(
        &self,
        level: &Level<'_>,
        at: &Cell<u32>,
        index: usize,
        answer: Answer<N>,
    ) -> Result<T, Halted> {
        (self.settle)(level, at, index, answer)
    }
}

/// Items of a `for` that are called for one by one.
pub struct OneByOne<N, T> {
    value: Cell<Option<T>>,
    of: PhantomData<fn() -> N>,
}

/// In the straight line.
impl<N, T> OneByOne<N, T> {
    /// The operator itself.
    #[inline(always)]
    pub fn node<O>(&self, operator: O) -> O {
        operator
    }

    /// Notes what a call gave.
    #[inline(always)]
    pub fn put(&self, value: T) {
        self.value.set(Some(value));
    }

    /// Always.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        true
    }

    /// What the call gave.
    #[inline(always)]
    pub fn next(&self) -> Option<T> {
        self.value.take()
    }
}

/// In the parallel form.
impl<N, V> OneByOne<N, V> {
    /// Runs the items.
    ///
    /// # Errors
    ///
    /// If some did not finish.
    #[inline(always)]
    pub fn fan_out<S, T>(
        &self,
        place: &Construct<'_>,
        items: S,
        put: impl Fn(&Self, &Level<'_>, &Cell<u32>, usize, S::Item) -> Result<V, Halted> + Sync,
        settle: impl Fn(&Level<'_>, &Cell<u32>, usize, V) -> Result<T, Halted> + Sync,
    ) -> Result<Vec<T>, Halted>
    where
        S: Items<Item: CrossesByValue>,
        T: CrossesByValue,
    {
        fan_out(place, items, move |level: &Level<'_>, at: &Cell<u32>, index, item| {
            let one = Self { value: Cell::new(None), of: PhantomData };
            settle(level, at, index, put(&one, level, at, index, item)?)
        })
    }
}

impl<N: TakesLots> std::fmt::Debug for Lots<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lots").finish_non_exhaustive()
    }
}

impl<N, T> std::fmt::Debug for OneByOne<N, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneByOne").finish_non_exhaustive()
    }
}

/// Calls for entries in groups of equal keys, given what tells them apart, whose batcher it is, and how it is called.
pub fn in_groups<I, P, O, E, K, A>(
    entries: Vec<(I, P)>,
    key: impl Fn(&(I, P)) -> K,
    batcher: impl Fn(&K) -> &'static Batcher<I, O, E, K>,
    call: impl Fn(Vec<I>, P) -> A,
) -> Vec<Result<O, PolicyError<E>>>
where
    I: 'static,
    O: 'static,
    E: 'static,
    K: Key,
    A: Answers<O, E>,
{
    let mut answers: Vec<Option<_>> = entries.iter().map(|_| None).collect();
    let mut left: Vec<Option<(K, (I, P))>> =
        entries.into_iter().map(|entry| Some((key(&entry), entry))).collect();
    for first in 0..left.len() {
        let Some((key, (item, others))) = left[first].take() else { continue };
        let (mut places, mut items) = (vec![first], vec![item]);
        for (place, entry) in left.iter_mut().enumerate().skip(first) {
            if let Some((_, (item, _))) = entry.take_if(|(other, _)| *other == key) {
                places.push(place);
                items.push(item);
            }
        }
        let given = batcher(&key).call_lot(items, |items| call(items, others));
        for (place, answer) in places.into_iter().zip(given) {
            answers[place] = Some(answer);
        }
    }
    answers.into_iter().flatten().collect()
}
