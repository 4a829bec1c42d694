//! The graph, and its operators.

use std::fmt::{self, Display};

use ember::{graph, operator};
use thiserror::Error;

use crate::client::{CallError, Client};
use crate::ranking::{Absence, Draft, Ranking};
use crate::timeline::Timeline;

/// Which models are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel {
    pub(crate) drafters: [&'static str; 5],
    pub(crate) judge: &'static str,
    /// They answer when no drafter does.
    pub(crate) reserves: [&'static str; 3],
}

/// What every operator needs. A clone is a second handle on the same things.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) timeline: Timeline,
    pub(crate) panel: Panel,
}

/// The answer, and how it was come by.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) draft: Draft,
    pub(crate) reason: Reason,
    /// Drafters without a draft.
    pub(crate) absent: Vec<Absence>,
}

/// Why this answer and not another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The judge chose it from so many.
    Chosen { from: usize },
    /// There was no draft, and this reserve was the first to answer.
    Fallback,
}

impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { draft, reason, absent } = self;
        writeln!(f, "{}", draft.text)?;
        match reason {
            Reason::Chosen { from } => writeln!(f, "by {}, chosen from {from} drafts", draft.drafter)?,
            Reason::Fallback => writeln!(f, "by {}, as no drafter answered", draft.drafter)?,
        }
        for Absence { drafter, why } in absent {
            writeln!(f, "without {drafter}: {why}")?;
        }
        Ok(())
    }
}

/// The judge said something that names no draft.
#[derive(Debug, Error)]
#[error("the judge said {0:?}, which is not the number of a draft")]
pub(crate) struct NoChoice(String);

graph! {
    /// Answers a question: five drafts, one verdict.
    ///
    /// A drafter that fails is left out. Only when all of them fail are the reserves asked.
    pub(crate) async fn answer(desk: Desk, question: String) -> Result<Verdict, ember::Error> {
        // Without `?` a failure is a value, and what becomes of it is decided further down.
        #[concurrency(4)]
        let replies = for drafter in desk.panel.drafters {
            draft(&desk, drafter, &question).await
        };
        // No `async fn`: it runs on the pool, so the runtime's thread is free meanwhile.
        let Ranking { drafts, absent } = rank(&desk, replies);
        if drafts.is_empty() {
            let [first, second, third] = desk.panel.reserves;
            // The first that succeeds wins, and the others are dropped.
            let draft = race!(
                draft(&desk, first, &question),
                draft(&desk, second, &question),
                draft(&desk, third, &question)
            ).await?;
            Ok(Verdict { draft, reason: Reason::Fallback, absent })
        } else {
            let from = drafts.len();
            // A judge that is slow is asked once more, and the first answer counts.
            #[hedge(after = "150ms", at_most = 2)]
            let said = judge(&desk, &question, &drafts).await?;
            let draft = choose(drafts, &said)?;
            Ok(Verdict { draft, reason: Reason::Chosen { from }, absent })
        }
    }
}

/// Asks a model for a draft.
#[operator]
async fn draft(desk: &Desk, drafter: &'static str, question: &str) -> Result<Draft, Absence> {
    let asked = desk.client.complete(drafter, format!("In one sentence: {question}"));
    match desk.timeline.wait(drafter, asked).await {
        Ok(text) => Ok(Draft { drafter, text }),
        Err(why) => Err(Absence { drafter, why }),
    }
}

/// Puts the draft that agrees most with the others first.
#[operator]
fn rank(desk: &Desk, drafts: Vec<Result<Draft, Absence>>) -> Ranking {
    desk.timeline.work("(rank)", || Ranking::new(drafts))
}

/// Asks which draft is the best. To ask twice does no harm, and so this may be hedged.
#[operator(idempotent)]
async fn judge(desk: &Desk, question: &str, drafts: &[Draft]) -> Result<String, CallError> {
    let numbered: Vec<String> =
        (1..).zip(drafts).map(|(number, draft)| format!("{number}. {}", draft.text)).collect();
    let prompt = format!("Which answers {question:?} best? Say its number.\n{}", numbered.join("\n"));
    let model = desk.panel.judge;
    desk.timeline.wait(model, desk.client.complete(model, prompt)).await
}

/// Takes the draft that the judge named.
#[operator]
fn choose(mut drafts: Vec<Draft>, said: &str) -> Result<Draft, NoChoice> {
    let number: Option<usize> = said.trim().parse().ok();
    match number {
        Some(number) if (1..=drafts.len()).contains(&number) => Ok(drafts.swap_remove(number - 1)),
        _ => Err(NoChoice(said.to_owned())),
    }
}
