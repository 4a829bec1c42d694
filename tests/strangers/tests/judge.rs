//! Five drafts, one verdict: the first example of the language description, without `async`.

use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Clone)]
struct Model {
    broken: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Draft {
    seed: u64,
    text: String,
}

#[derive(Debug, PartialEq)]
struct Verdict {
    text: String,
    why: &'static str,
}

struct Facts(Vec<String>);

#[derive(Debug, PartialEq)]
struct ModelError {
    seed: u64,
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the model gave no answer for seed {}", self.seed)
    }
}

impl std::error::Error for ModelError {}

#[operator]
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[operator]
fn render(question: &str) -> String {
    let words = words(question);
    format!("Q: {}", words.join(" "))
}

#[operator]
fn search(question: &str) -> Result<Facts, String> {
    if question.is_empty() {
        return Err("an empty question".to_string());
    }
    Ok(Facts(words(question).into_iter().map(str::to_uppercase).collect()))
}

#[operator]
#[expect(clippy::needless_pass_by_value, reason = "owned arguments are the example's point")]
fn ask(model: Model, prompt: String, seed: u64) -> Result<Draft, ModelError> {
    if model.broken.is_some_and(|from| seed >= from) {
        return Err(ModelError { seed });
    }
    Ok(Draft {
        seed,
        text: prompt
            .chars()
            .filter(|c| !c.is_whitespace() || seed.is_multiple_of(2))
            .chain(seed.to_string().chars())
            .collect(),
    })
}

#[operator]
fn hard(facts: &Facts) -> bool {
    facts.0.len() > 2
}

#[operator]
fn judge(drafts: &[Draft], facts: &Facts) -> Verdict {
    let score =
        |draft: &&Draft| facts.0.iter().filter(|fact| draft.text.to_uppercase().contains(*fact)).count();
    let best = drafts.iter().max_by_key(score).expect("five drafts");
    Verdict { text: best.text.clone(), why: "judged" }
}

#[operator]
fn vote(drafts: &[Draft]) -> Verdict {
    let best = drafts.iter().min_by(|a, b| a.text.cmp(&b.text)).expect("five drafts");
    Verdict { text: best.text.clone(), why: "voted" }
}

graph! {
    /// Answers a question: five drafts, one verdict.
    pub fn answer(model: Model, question: String) -> Result<Verdict, ember::Error> {
        let prompt = render(&question);
        let facts  = search(&question)?;                                              // beside `prompt`
        let drafts = for seed in 0..5 { ask(model.clone(), prompt.clone(), seed)? }; // five at once, in order
        let best   = if hard(&facts) { judge(&drafts, &facts) } else { vote(&drafts) };
        Ok(best)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is that of the graph")]
fn plain(model: Model, question: String) -> Result<Verdict, Box<dyn std::error::Error>> {
    let prompt = render(&question);
    let facts = search(&question)?;
    let mut drafts = Vec::new();
    for seed in 0..5 {
        drafts.push(ask(model.clone(), prompt.clone(), seed)?);
    }
    let best = if hard(&facts) { judge(&drafts, &facts) } else { vote(&drafts) };
    Ok(best)
}

#[test]
fn both_branches() {
    for question in ["why is it so", "why not"] {
        let model = Model { broken: None };
        let expected = plain(model.clone(), question.to_string()).expect("an answer");
        same_everywhere(&expected, || answer(model.clone(), question.to_string()).expect("an answer"));
    }
}

#[test]
fn the_first_failure_in_source_order_is_the_error() {
    same_everywhere(&("drafts[3]".to_string(), Some(3)), || {
        let error = answer(Model { broken: Some(3) }, "why not".to_string()).expect_err("a broken model");
        (error.node().to_string(), error.find::<ModelError>().map(|error| error.seed))
    });
    same_everywhere(&"facts".to_string(), || {
        let error = answer(Model { broken: Some(0) }, String::new()).expect_err("no question");
        assert!(std::error::Error::source(&error).is_some());
        error.node().to_string()
    });
}
