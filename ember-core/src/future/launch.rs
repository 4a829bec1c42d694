//! The future of a run.
//!
//! An *open* run has nodes that wait and nothing else: its future holds them, and dropping it drops them. A *held* run has
//! calls that other threads work on, and these borrow from the run's values. So its future owns them in a frame on the
//! heap, and when it is dropped while calls run, the last of them takes the frame over. No thread waits for another.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, Waker};

use pin_project_lite::pin_project;

use super::door::Timer;
use crate::context::{Ambient, Context, Watch};
use crate::error::Error;
use crate::raw::wakes::Wakes;
use crate::runtime::Running;
use crate::seldom::Seldom;
use crate::sync::{Mutex, lock};

/// Wakes a run when its context stops.
pub(crate) struct Alarm {
    watch: Watch,
    timer: Option<Timer>,
}

impl Alarm {
    /// Polls a run. It has an alarm from its second poll on, as many need none.
    #[inline]
    fn around<T>(
        alarm: &mut Seldom<Self>,
        context: &Context,
        cx: &mut task::Context<'_>,
        poll: impl FnOnce(&mut task::Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let is_first = !alarm.is_some();
        if let Some(alarm) = alarm.get()
            && !alarm.is_idle()
        {
            alarm.poll(context, cx);
        }
        let polled = poll(cx);
        if is_first && polled.is_pending() {
            alarm.insert(Self::new(context)).poll(context, cx);
            // What stops the context from here on wakes. What has stopped it while the run was polled has woken nobody.
            if context.__stopped().is_some() {
                cx.waker().wake_by_ref();
            }
        }
        polled
    }

    pub(crate) fn new(context: &Context) -> Self {
        Self { watch: Watch::new(context), timer: Timer::of(context) }
    }

    /// Whether nothing can stop the context but what nobody is told of.
    #[inline]
    fn is_idle(&self) -> bool {
        self.watch.is_idle() && self.timer.is_none()
    }

    pub(crate) fn poll(&mut self, context: &Context, cx: &mut task::Context<'_>) {
        self.watch.register(cx.waker());
        if let Some(timer) = &mut self.timer
            && timer.poll(cx).is_ready()
        {
            context.expire();
            self.timer = None;
        }
    }
}

pin_project! {
    /// The future of a run whose nodes all wait.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Open<F> {
        // Each is made where it stays: what is written in parts and then moved as a whole is waited for.
        around: Seldom<Around>,
        #[pin]
        frame: F,
    }
}

/// What a run has that belongs to another context than the default one, or to a runtime.
struct Around {
    /// The context, unless it is the default one, which nothing stops.
    context: Option<Context>,
    alarm: Seldom<Alarm>,
    _running: Option<Running>,
}

impl Around {
    fn new(context: &Ambient) -> Self {
        let running = context.home().map(Running::new);
        Self { context: context.stoppable().cloned(), alarm: Seldom::none(), _running: running }
    }
}

/// Makes the future of a run whose nodes all wait. It belongs to the context that is current where it is made.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn open<F: Future>(make: impl FnOnce(Ambient) -> F) -> Open<F> {
    let context = Ambient::current();
    let is_plain = context.stoppable().is_none() && context.home().is_none();
    let around = if is_plain { Seldom::none() } else { Seldom::new(Some(Around::new(&context))) };
    // Nothing that may panic stands behind the frame: so it is made where it stays.
    Open { frame: make(context), around }
}

impl<F: Future> Future for Open<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.around.get() {
            Some(Around { context: Some(context), alarm, .. }) => {
                Alarm::around(alarm, context, cx, |cx| context.help(|| this.frame.poll(cx)))
            }
            _ if Ambient::is_default_here() => this.frame.poll(cx),
            _ => Ambient::in_default(|| this.frame.poll(cx)),
        }
    }
}

/// What the future of a held run, its frame and its calls have in common.
pub struct Stage<R> {
    outcome: Mutex<Option<Result<R, Error>>>,
    calls: Arc<Calls>,
}

impl<R> Stage<R> {
    /// The calls of the run that other threads work on.
    pub const fn calls(&self) -> &Arc<Calls> {
        &self.calls
    }

    pub(super) fn is_decided(&self) -> bool {
        lock(&self.outcome).is_some()
    }

    pub(super) fn decide(&self, outcome: Result<R, Error>) {
        let old = lock(&self.outcome).replace(outcome);
        drop(old);
    }
}

/// The calls that other threads work on, and the frame that they borrow from, if they have to drop it.
pub struct Calls {
    context: Context,
    under_way: Mutex<UnderWay>,
    /// The run is under way until its last call has ended.
    _running: Option<Running>,
}

#[derive(Default)]
struct UnderWay {
    calls: usize,
    frame: Option<Box<dyn Send>>,
}

impl Calls {
    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    pub(super) fn begin(&self) {
        lock(&self.under_way).calls += 1;
    }

    /// Called by the thread that worked on a call, when it is through with all that the call borrowed.
    pub(super) fn end(&self) {
        let mut running = lock(&self.under_way);
        running.calls -= 1;
        let frame = if running.calls == 0 { running.frame.take() } else { None };
        drop(running);
        drop_quietly(frame);
    }

    fn any(&self) -> bool {
        lock(&self.under_way).calls > 0
    }

    /// Leaves a frame to the calls that borrow from it.
    fn leave(&self, frame: Box<dyn Send>) {
        let mut running = lock(&self.under_way);
        let frame = if running.calls == 0 {
            Some(frame)
        } else {
            running.frame = Some(frame);
            None
        };
        drop(running);
        drop(frame);
    }
}

/// Drops on a thread that belongs to nobody: a destructor that panics has none to tell.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    }
}

/// The future of a run with calls that other threads work on.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Held<R: Send + 'static> {
    context: Context,
    alarm: Seldom<Alarm>,
    stage: Arc<Stage<R>>,
    wakes: OwnWakes,
    /// Gone when the run is over.
    frame: Option<Pin<Box<dyn Future<Output = R> + Send>>>,
}

/// Makes the future of a run with calls that other threads work on. It belongs to the context that is current where it is
/// made, and has one of its own below that.
pub fn held<R: Send + 'static, F: Future<Output = R> + Send + 'static>(
    make: impl FnOnce(Context, Arc<Stage<R>>) -> F,
) -> Held<R> {
    let context = Context::current().own();
    let calls = Arc::new(Calls {
        context: context.clone(),
        under_way: Mutex::default(),
        _running: context.home().map(Running::new),
    });
    let stage = Arc::new(Stage { outcome: Mutex::new(None), calls });
    let frame = Box::pin(make(context.clone(), stage.clone()));
    Held { context, alarm: Seldom::none(), stage, wakes: OwnWakes::NotYet(FIRST_POLLS), frame: Some(frame) }
}

/// How often a held run is polled before it has a waker of its own: many need none.
const FIRST_POLLS: u8 = 2;

/// By which a held run knows whether it was woken. Few tasks of a region are all polled when one is, and what a run holds is no
/// part of their size: so without it graphs in graphs would be polled as often as their regions multiply.
enum OwnWakes {
    /// Not before it has been polled so often.
    NotYet(u8),
    Made(Arc<Wakes>),
}

impl OwnWakes {
    /// Those that there are when it is polled.
    fn get(&mut self) -> Option<&Arc<Wakes>> {
        if let Self::NotYet(polls) = self {
            if *polls > 0 {
                *polls -= 1;
                return None;
            }
            let wakes = Wakes::new();
            // Those that it waits for know of another waker, and may have woken that one.
            wakes.wake(0);
            *self = Self::Made(wakes);
        }
        if let Self::Made(wakes) = self { Some(wakes) } else { None }
    }
}

impl<R: Send + 'static> Held<R> {
    /// Leaves the frame to the calls that linger.
    fn leave(&mut self) {
        if let Some(frame) = self.frame.take() {
            drop(self.alarm.take());
            self.context.abandon();
            self.stage.calls.leave(Box::new(frame));
        }
    }

    fn poll_frame(&mut self, cx: &mut task::Context<'_>) -> Poll<R> {
        let Self { context, alarm, frame, .. } = self;
        let frame = frame.as_mut().expect("a run is not polled after its end");
        let polled = Alarm::around(alarm, context, cx, |cx| context.help(|| frame.as_mut().poll(cx)));
        if let Poll::Ready(outcome) = polled {
            self.frame = None;
            return Poll::Ready(outcome);
        }
        let decided = lock(&self.stage.outcome).take();
        let Some(outcome) = decided else { return Poll::Pending };
        self.leave();
        match outcome {
            Ok(outcome) => Poll::Ready(outcome),
            Err(error) => error.__resume(),
        }
    }
}

impl<R: Send + 'static> Future for Held<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<R> {
        let Some(wakes) = self.wakes.get() else { return self.poll_frame(cx) };
        wakes.register(cx.waker());
        let (is_woken, wakes) = (wakes.take() != 0, wakes.clone());
        // Without timers nobody is woken when its time is over.
        if !is_woken && self.frame.is_some() && self.context.__stopped().is_none() {
            return Poll::Pending;
        }
        self.poll_frame(&mut task::Context::from_waker(&wakes.lend(0)))
    }
}

impl<R: Send + 'static> Drop for Held<R> {
    /// Lets what waits go at once, and leaves the rest to the calls that run.
    fn drop(&mut self) {
        let Some(frame) = &mut self.frame else { return };
        if self.stage.calls.any() {
            self.context.abandon();
            let mut cx = task::Context::from_waker(Waker::noop());
            let polled = catch_unwind(AssertUnwindSafe(|| {
                self.context.help(|| frame.as_mut().poll(&mut cx).map(drop))
            }));
            drop_quietly(polled);
        }
        self.leave();
    }
}
