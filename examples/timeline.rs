//! Records a run with a flaky service, a service that is down, and more calls than there are permits, and draws when each
//! node ran: `docs/images/timeline.svg`, and what else it is asked for.
//!
//! Nothing happens in earnest: operators pass their time by a clock that goes in steps.
//!
//! ```console
//! $ cargo run -p ember-examples --example timeline
//! $ cargo run -p ember-examples --example timeline -- timeline.html timeline.json
//! ```

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use ember::observe::Timeline;
use ember::prelude::*;
use ember::{Clock, ManualClock, Runtime};

#[derive(Debug, thiserror::Error)]
#[error("{0} does not answer")]
struct Down(&'static str);

/// What the operators work with.
struct World {
    clock: ManualClock,
    searches: AtomicU32,
}

impl World {
    /// Is at work for so many milliseconds.
    fn work(&self, millis: u64) {
        let until = self.clock.now() + Duration::from_millis(millis);
        while self.clock.now() < until {
            self.clock.park_until(until);
        }
    }
}

#[operator]
fn plan(world: &World) -> u64 {
    world.work(20);
    4
}

/// Answers at the third attempt.
#[operator(idempotent, retry(attempts = 3, backoff = constant("30ms"), jitter = none))]
fn search(world: &World, topics: u64) -> Result<Vec<u64>, Down> {
    world.work(20);
    if world.searches.fetch_add(1, Relaxed) < 2 {
        return Err(Down("the index"));
    }
    Ok((0..topics).collect())
}

#[operator]
fn glossary(world: &World) -> usize {
    world.work(30);
    300
}

#[operator]
fn translate(world: &World, words: usize) -> Result<String, Down> {
    world.work(40);
    if words > 100 { Err(Down("the translator")) } else { Ok(String::from("ein Artikel")) }
}

/// Of a model that answers two at once.
#[operator(concurrency = 2)]
fn draft(world: &World, topic: u64) -> Result<u64, Down> {
    world.work(40 + 10 * topic);
    if topic < 10 { Ok(topic) } else { Err(Down("the model")) }
}

#[operator]
fn judge(world: &World, drafts: &[u64]) -> usize {
    world.work(30);
    drafts.len()
}

#[operator]
fn publish(world: &World, best: usize, translated: &str) -> String {
    world.work(20);
    format!("the best of {best} drafts, with {translated}")
}

graph! {
    #[operator(fallback = String::from("no translation"))]
    fn translation(world: &World) -> Result<String, ember::Error> {
        let words = glossary(world);
        let text = translate(world, words)?;
        Ok(text)
    }

    fn article(world: &World) -> Result<String, ember::Error> {
        let topics = plan(world);
        let found = search(world, topics)?;
        let translated = translation(world)?;
        let drafts = for topic in found { draft(world, topic)? };
        let best = judge(world, &drafts);
        let text = publish(world, best, &translated);
        Ok(text)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = ManualClock::new();
    let timeline = Timeline::new(10_000);
    let runtime = Runtime::builder().threads(3).build()?;
    let cx = runtime
        .request()
        .strategy(Strategy::Parallel)
        .clock(clock.clone())
        .correlation_id("article-17")
        .observer(timeline.clone())
        .build();
    let world = World { clock: clock.clone(), searches: AtomicU32::new(0) };

    let is_over = AtomicBool::new(false);
    let text = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                // Long enough for all threads to do what there is to do at that moment.
                thread::sleep(Duration::from_millis(5));
                clock.advance(Duration::from_millis(10));
            }
        });
        let text = cx.scope(|| article(&world));
        is_over.store(true, Relaxed);
        text
    })?;
    println!("{text}");

    let run = timeline.runs()[0];
    let path = timeline.critical_path(run).ok_or("the run is not over")?;
    println!("It took {:?}:", path.took);
    for node in &path.nodes {
        println!("{:>8?} for {}, after a gap of {:?}", node.took, node.site.node(), node.before);
    }

    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        timeline.save(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/images/timeline.svg"))?;
    }
    files.iter().try_for_each(|file| timeline.save(file))?;
    Ok(())
}
