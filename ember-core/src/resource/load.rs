//! What loads a resource: a function, or a function that gives a future.

use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use super::core::{Core, LeadOf};
use super::errand;
use super::error::{Cause, LoadError, Panicked, shared};
use super::machine::Lead;
use crate::Context;
use crate::error::BoxedError;
use crate::future::{can_spawn, spawn, spawn_aside};
use crate::policy::time::Time;
use crate::policy::wait::patience::Patience;
use crate::policy::{PolicyError, catch, catch_async};

pub(super) type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// A loader that is called: a function that takes nothing and returns `Result<T, E>`, with any error.
#[diagnostic::on_unimplemented(
    message = "this is no loader of a resource",
    label = "does not load it",
    note = "a loader takes nothing and returns `Result<T, E>` (with an error that is `Send + Sync`, or text), may be called by any thread, and owns what it works on; a function that gives a future is for `Resource::new_async`"
)]
pub trait Load<T>: Send + Sync {
    /// Loads.
    ///
    /// # Errors
    ///
    /// What went wrong.
    fn load(&self) -> Result<T, BoxedError>;
}

#[diagnostic::do_not_recommend]
impl<T, E, F> Load<T> for F
where
    F: Fn() -> Result<T, E> + Send + Sync,
    E: Into<BoxedError>,
{
    fn load(&self) -> Result<T, BoxedError> {
        self().map_err(Into::into)
    }
}

/// A loader that is awaited: a function that takes nothing and gives a future of `Result<T, E>`, with any error.
#[diagnostic::on_unimplemented(
    message = "this is no loader of a resource",
    label = "does not load it",
    note = "a loader takes nothing and gives a future that is `Send` and owns what it works on, of `Result<T, E>` (with an error that is `Send + Sync`, or text); a function that is not `async` is for `Resource::new`"
)]
pub trait LoadAsync<T>: Send + Sync {
    /// Begins to load.
    fn load(&self) -> Boxed<Result<T, BoxedError>>;
}

#[diagnostic::do_not_recommend]
impl<T, E, F, R> LoadAsync<T> for F
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<T, E>> + Send + 'static,
    E: Into<BoxedError>,
{
    fn load(&self) -> Boxed<Result<T, BoxedError>> {
        let future = self();
        Box::pin(async move { future.await.map_err(Into::into) })
    }
}

/// Where a loader is.
pub(super) enum Source<D: ?Sized + 'static> {
    Static(&'static D),
    Shared(Arc<D>),
}

impl<D: ?Sized> Clone for Source<D> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(loader) => Self::Static(loader),
            Self::Shared(loader) => Self::Shared(loader.clone()),
        }
    }
}

impl<D: ?Sized> Deref for Source<D> {
    type Target = D;

    fn deref(&self) -> &D {
        match self {
            Self::Static(loader) => loader,
            Self::Shared(loader) => loader,
        }
    }
}

/// How a resource is loaded: [`Called`] or [`Awaited`].
pub trait Mode: sealed::Mode {}

/// By a function, on the thread that asks first; for a future, on a thread that may block.
#[derive(Debug)]
pub enum Called {}
impl Mode for Called {}

/// By a future, within the future that asks first.
#[derive(Debug)]
pub enum Awaited {}
impl Mode for Awaited {}

pub(super) mod sealed {
    use super::{Arc, Boxed, Core, LeadOf, LoadError};

    /// Nothing comes of it if another has taken the load over.
    pub(in crate::resource) type Loading<T> = Boxed<Option<Result<Arc<T>, LoadError>>>;

    pub trait Mode: Sized + 'static {
        /// The loader.
        type Load<T: 'static>: ?Sized + Send + Sync + 'static;

        /// Loads for a future, unless another has taken the load over.
        fn load<T: Send + Sync + 'static>(core: Arc<Core<T, Self>>, lead: Option<LeadOf<T>>) -> Loading<T>;

        /// Loads elsewhere, if there is an elsewhere; if not, gives the load back.
        fn refresh<T: Send + Sync + 'static>(core: Arc<Core<T, Self>>, lead: LeadOf<T>) -> Option<LeadOf<T>>;
    }
}

impl sealed::Mode for Called {
    type Load<T: 'static> = dyn Load<T>;

    fn load<T: Send + Sync + 'static>(
        core: Arc<Core<T, Self>>,
        lead: Option<LeadOf<T>>,
    ) -> sealed::Loading<T> {
        let context = Context::current();
        // The load is for all who wait, and goes on if this one leaves.
        let aside = context.aside();
        let name = core.name.clone();
        let (errand, outcome) = errand::new();
        spawn_aside(&context, Box::new(core.job(aside, lead, move |outcome| errand.done(outcome))));
        Box::pin(async move {
            let mut patience = Patience::new(context, None, &Time::NONE);
            let mut outcome = pin!(outcome);
            let ended = poll_fn(|task| match patience.register(task.waker()) {
                Ok(()) => outcome.as_mut().poll(task),
                Err(why) => Poll::Ready(Ok(Some(Err(LoadError::stopped(&name, why))))),
            });
            ended.await.unwrap_or_else(|gone| Some(Err(LoadError::failed(&name, gone, None))))
        })
    }

    fn refresh<T: Send + Sync + 'static>(core: Arc<Core<T, Self>>, lead: LeadOf<T>) -> Option<LeadOf<T>> {
        let context = Context::current();
        let aside = context.aside();
        spawn_aside(&context, Box::new(core.job(aside, Some(lead), drop)));
        None
    }
}

impl sealed::Mode for Awaited {
    type Load<T: 'static> = dyn LoadAsync<T>;

    fn load<T: Send + Sync + 'static>(
        core: Arc<Core<T, Self>>,
        lead: Option<LeadOf<T>>,
    ) -> sealed::Loading<T> {
        Box::pin(async move {
            let loader = core.loader.clone();
            let load = catch_async(async move { loader.load().await.map_err(PolicyError::from) });
            let outcome = core.rank.enter_async(load).await;
            Some(core.land(lead, outcome.map_err(cause)))
        })
    }

    fn refresh<T: Send + Sync + 'static>(core: Arc<Core<T, Self>>, lead: LeadOf<T>) -> Option<LeadOf<T>> {
        if !can_spawn() {
            return Some(lead);
        }
        let aside = Context::current().aside();
        let mut load = Self::load(core, Some(lead));
        spawn(poll_fn(move |task| aside.help(|| load.as_mut().poll(task)).map(drop)));
        None
    }
}

impl<T: Send + Sync + 'static> Core<T, Called> {
    /// A job that loads in a context, and what comes of it.
    fn job(
        self: Arc<Self>,
        context: Context,
        lead: Option<LeadOf<T>>,
        end: impl FnOnce(Option<Result<Arc<T>, LoadError>>) + Send,
    ) -> impl FnOnce() + Send {
        if let Some(lead) = &lead {
            lead.queue();
        }
        move || {
            let is_due = lead.as_ref().is_none_or(Lead::begin);
            end(is_due.then(|| context.help(|| self.load_here(lead))));
        }
    }

    /// Loads on this thread.
    pub(super) fn load_here(&self, lead: Option<LeadOf<T>>) -> Result<Arc<T>, LoadError> {
        let inside = self.rank.enter();
        let outcome = catch(|| self.loader.load().map_err(PolicyError::from));
        drop(inside);
        self.land(lead, outcome.map_err(cause))
    }
}

/// The loader's own failure, or its panic.
fn cause(failure: PolicyError<BoxedError>) -> Cause {
    match failure.into_operator() {
        Ok(failure) => shared(failure),
        Err(panic) => Arc::new(Panicked(panic.to_string())),
    }
}
