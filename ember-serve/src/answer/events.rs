//! What changes, as it does, to all who listen.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use ember_core::health::{Reason, Report, Status};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Site;
use crate::limits::Limits;
use crate::program::unix_millis;
use crate::told::{Health, Reader, Snapshot, changes};

/// How often is looked whether something changed, while anybody listens.
const PACE: Duration = Duration::from_millis(250);
/// How long nobody asks for health behind an answer.
const HEALTH_PACE: Duration = Duration::from_secs(2);
/// Who hears nothing for longer than this may take the server for gone.
const BEAT: Duration = Duration::from_secs(2);

pub(super) struct Events {
    reader: Arc<Reader>,
    places: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    /// The latest snapshot, while a task takes them.
    latest: Latest,
}

type Latest = Arc<Mutex<Option<Snapshots>>>;
/// Nothing until the first one was taken.
type Snapshots = watch::Receiver<Option<Arc<Snapshot>>>;

impl Events {
    pub(super) fn new(reader: Arc<Reader>, limits: &Limits, stop: watch::Sender<bool>) -> Self {
        Self { reader, places: Arc::new(Semaphore::new(limits.listeners)), stop, latest: Arc::default() }
    }

    /// Snapshots from now on, of a task that all listeners share and that ends behind the last of them.
    fn listen(&self) -> Snapshots {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        // The task leaves its place empty under the same lock, before it ends.
        if let Some(snapshots) = &*latest {
            return snapshots.clone();
        }
        let (sender, snapshots) = watch::channel(None);
        *latest = Some(snapshots.clone());
        tokio::spawn(look(self.reader.clone(), sender, self.latest.clone()));
        snapshots
    }
}

/// Takes snapshots as long as anybody listens, and asks how the process is beside that.
async fn look(reader: Arc<Reader>, sender: watch::Sender<Option<Arc<Snapshot>>>, latest: Latest) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut snapshot, mut health) = (Snapshot::default(), None);
    let mut asked: BoxFuture<'_, Health> = Box::pin(reader.health());
    loop {
        tokio::select! {
            told = &mut asked => {
                health = Some(told);
                asked = Box::pin(async { sleep(HEALTH_PACE).await; reader.health().await });
            }
            _ = pace.tick() => {}
        }
        {
            let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
            // The one in `latest` itself is all that is left.
            if sender.receiver_count() == 1 {
                *latest = None;
                return;
            }
        }
        let taken = reader.take().await;
        let is_old = taken.is_err();
        if let Ok(taken) = taken {
            snapshot = Snapshot::clone(&taken.snapshot);
        }
        snapshot.at = unix_millis(SystemTime::now());
        snapshot.health = if is_old { health.clone().map(without_states) } else { health.clone() };
        sender.send_replace(Some(Arc::new(snapshot.clone())));
    }
}

/// What is shown beside is old then, which must be seen.
fn without_states(Health(mut report): Health) -> Health {
    let text = "what the program has registered does not answer, so the figures are old";
    report.reasons.push(Reason::new(Status::Degraded, "states", "page", text));
    Health(Report::new(report.reasons))
}

pub(super) async fn events(State(site): State<Arc<Site>>) -> Response {
    let Ok(place) = site.events.places.clone().try_acquire_owned() else {
        let why = "as many listen already as may\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "10")], why).into_response();
    };
    let listener = Listener {
        snapshots: site.events.listen(),
        stop: site.events.stop.subscribe(),
        told: None,
        _place: place,
    };
    Sse::new(listener.stream()).into_response()
}

/// One who listens. What he has been told is one snapshot, which others share: so one who reads slowly misses what was between,
/// and nothing piles up for him.
struct Listener {
    snapshots: Snapshots,
    stop: watch::Receiver<bool>,
    told: Option<Arc<Snapshot>>,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut listener| {
            let event = listener.next().await?;
            Some((Ok(event), listener))
        })
    }

    /// The next event; nothing if the server stops.
    async fn next(&mut self) -> Option<Event> {
        if *self.stop.borrow() {
            return None;
        }
        let Self { snapshots, stop, told, .. } = self;
        tokio::select! {
            said = timeout(BEAT, change(snapshots, told)) => Some(match said {
                Ok(changes) => Event::default().event("change").data(changes),
                Err(_) => Event::default().event("beat").data("{}"),
            }),
            // Where nobody can stop the server the channel stays open, as its sender is the site's.
            _ = stop.wait_for(|stop| *stop) => None,
        }
    }
}

/// What changed since, as soon as something does.
async fn change(snapshots: &mut Snapshots, told: &mut Option<Arc<Snapshot>>) -> String {
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        if let Some(snapshot) = snapshot {
            let changes = changes(told.as_deref(), &snapshot);
            *told = Some(snapshot);
            if let Some(changes) = changes {
                return changes;
            }
        }
        if snapshots.changed().await.is_err() {
            // The task that looks has ended, though one listens: the runtime is going down.
            std::future::pending::<()>().await;
        }
    }
}
