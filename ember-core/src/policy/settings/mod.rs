//! Policies as a file says them, read when the program starts.
//!
//! What stands in the attributes are defaults. A [`Settings`], read by any format of serde, replaces single settings of
//! single operators:
//!
//! ```toml
//! [ask]
//! timeout = "2s"
//! retry = { attempts = 5, base = "50ms" }
//! breaker = { failure_rate = 0.3, open = "10s" }
//! concurrency = 16
//! cache = { capacity = 1000, ttl = "5min" }
//! ```
//!
//! Times are written as in attributes, `"1.5s"`, or as a sum, `"1min 30s"`.
//!
//! It can change the settings of policies that an operator has, and give it none that it has not: which layers there are
//! is decided when the program is compiled. It tells them whatever a builder is told by a number, a time or a word; and not
//! what is code (keys, conditions, weighers, hooks, clocks, fallbacks, validation), which sort of delay lies between
//! attempts, whether a cache keeps failures at all, and seeds, which are for tests.

mod configure;
mod installed;
mod raw;
mod time;

#[cfg(all(test, not(loom)))]
mod tests;

pub use configure::Configure;
pub(super) use configure::TimeLimit;
pub use installed::{NotInstalled, configured};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ember_graph::{Description, Kind};
use serde::{Deserialize, Deserializer, de};

use self::configure::{Known, policies};
use self::raw::Raw;
pub(super) use self::raw::Scalar;

/// The settings of a policy, by name.
type Table = BTreeMap<String, Scalar>;

/// What a file says of the policies of operators, by the operators' names.
///
/// All of it is checked when it is read: names of policies and settings, types, and bounds. All mistakes are told at once, each
/// with its path.
///
/// ```
/// use ember_core::policy::Settings;
///
/// let settings: Settings = toml::from_str(r#"
///     [ask]
///     timeout = "2s"
///     retry = { attempts = 5 }
/// "#)?;
/// assert_eq!(settings.operators().collect::<Vec<_>>(), ["ask"]);
///
/// let mistakes = toml::from_str::<Settings>("ask.retry.atempts = 5\nask.timeout = 3").unwrap_err();
/// assert!(mistakes.to_string().contains("`ask.retry.atempts` is no setting; did you mean `attempts`?"));
/// assert!(mistakes.to_string().contains("`ask.timeout` is 3, and must be a time such as \"200ms\" or \"2s\""));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    by_operator: BTreeMap<String, BTreeMap<&'static str, Table>>,
}

impl Settings {
    /// The operators that it speaks of, in alphabetical order.
    pub fn operators(&self) -> impl Iterator<Item = &str> {
        self.by_operator.keys().map(String::as_str)
    }

    /// Checks that each operator that it speaks of is one of these graphs, or of those that they run, and has the policies that
    /// it sets. Of methods it is not known which they have.
    ///
    /// # Errors
    ///
    /// The names that are unknown, each with the nearest one that is known, and the policies that are not there.
    pub fn check(
        &self,
        graphs: impl IntoIterator<Item = &'static Description<'static>>,
    ) -> Result<(), Mistakes> {
        let known = operators_of(graphs);
        let names: Vec<&str> = known.keys().copied().collect();
        let mut mistakes = Mistakes::default();
        for (name, set) in &self.by_operator {
            let Some(has) = known.get(name.as_str()) else {
                mistakes.add(format!("`{name}` is no operator of these graphs{}", meant(name, &names)));
                continue;
            };
            let Has::These(has) = has else { continue };
            for policy in set.keys().filter(|policy| !has.contains(*policy)) {
                mistakes.add(format!(
                    "`{name}.{policy}`: the operator `{name}` has no `{policy}`, and settings give it none; write \
                     `#[operator({policy} ..)]`"
                ));
            }
        }
        mistakes.or(())
    }

    fn of(&self, operator: &str, policy: &str) -> Option<&Table> {
        self.by_operator.get(operator)?.get(policy)
    }
}

/// Which policies an operator has.
enum Has {
    These(BTreeSet<&'static str>),
    /// It is a method, or one of those of that name is.
    Unknown,
}

/// The operators of graphs, and of those that they run, by name.
fn operators_of(
    graphs: impl IntoIterator<Item = &'static Description<'static>>,
) -> BTreeMap<&'static str, Has> {
    let mut known: BTreeMap<&str, Has> = BTreeMap::new();
    let mut open: Vec<&'static Description<'static>> = graphs.into_iter().collect();
    let mut seen = Vec::new();
    while let Some(graph) = open.pop() {
        if seen.iter().any(|seen| std::ptr::eq(*seen, graph)) {
            continue;
        }
        seen.push(graph);
        for node in graph.nodes.iter().filter(|node| node.kind == Kind::Operator) {
            let has = known.entry(last_segment(node.operator)).or_insert(Has::These(BTreeSet::new()));
            match (node.graph, &mut *has) {
                (None, has) => *has = Has::Unknown,
                (Some(_), Has::These(these)) => {
                    these.extend(node.__of_operator().iter().map(|policy| policy.name));
                }
                (Some(_), Has::Unknown) => {}
            }
            open.extend(node.graph.and_then(|graph| graph()));
        }
    }
    known
}

/// `ask` of `ops::ask`.
fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// What is wrong with settings: one line for each mistake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    /// How many are told.
    const MOST: usize = 64;

    fn add(&mut self, mistake: String) {
        if self.0.len() < Self::MOST {
            self.0.push(mistake);
        }
    }

    fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The mistakes, in the order of the names: at most 64.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

/// `; did you mean ..?`, if a known name is near, or which there are.
fn meant(name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let near = near.filter(|(distance, known)| *distance <= known.len().max(name.len()).div_ceil(3));
    match near.min_by_key(|(distance, _)| *distance) {
        Some((_, known)) => format!("; did you mean `{known}`?"),
        None if known.is_empty() => String::new(),
        None => format!(" (there are {})", known.join(", ")),
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(Raw::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn read(raw: Raw) -> Result<Settings, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut settings = Settings::default();
    let Raw::Table(operators) = raw else {
        mistakes.add("settings are a table of operators".to_owned());
        return Err(mistakes);
    };
    for (operator, said) in operators {
        let Raw::Table(said) = said else {
            mistakes.add(format!("`{operator}` is {}, and must be a table of policies", said.shown()));
            continue;
        };
        let entry = settings.by_operator.entry(operator.clone()).or_default();
        for (policy, said) in said {
            let path = format!("{operator}.{policy}");
            let known = policies();
            let Some(known) = known.iter().find(|known| known.name == policy) else {
                mistakes.add(match elsewhere(&policy) {
                    Some(why) => format!("`{path}` stands in no file: {why}"),
                    None => {
                        let names: Vec<&str> = known.iter().map(|known| known.name).collect();
                        format!("`{path}` is no policy{}", meant(&policy, &names))
                    }
                });
                continue;
            };
            if let Some(table) = policy_table(&path, known, said, &mut mistakes) {
                entry.insert(known.name, table);
            }
        }
    }
    mistakes.or(settings)
}

/// Why a policy of attributes has no settings here.
fn elsewhere(policy: &str) -> Option<&'static str> {
    Some(match policy {
        "fallback" | "validate" => "what it does is code, which stays in the attribute",
        "memory" => {
            "what a call weighs stays in the attribute; how much there is says the budget of the runtime"
        }
        "limit" => "it is `concurrency` and `rate` here, each by itself",
        #[cfg(not(feature = "cache"))]
        "cache" => "the program was built without the feature `cache`",
        #[cfg(not(feature = "isolate"))]
        "isolate" => "the program was built without the feature `isolate`",
        _ => return None,
    })
}

/// The settings of one policy, if they can be.
fn policy_table(path: &str, known: &Known, said: Raw, mistakes: &mut Mistakes) -> Option<Table> {
    let said = match (said, known.short) {
        (Raw::Table(table), _) => table,
        // `timeout = "2s"`.
        (scalar, Some(short)) => BTreeMap::from([(short.to_owned(), scalar)]),
        (scalar, None) => {
            let example = known.settings.first().copied().unwrap_or_default();
            mistakes.add(format!(
                "`{path}` is {}, and must be a table of settings, such as `{{ {example} = .. }}`",
                scalar.shown()
            ));
            return None;
        }
    };
    let before = mistakes.0.len();
    let mut table = Table::new();
    for (setting, value) in said {
        let path = if known.short == Some(&setting) { path.to_owned() } else { format!("{path}.{setting}") };
        match value {
            _ if !known.settings.contains(&&*setting) => {
                mistakes.add(format!("`{path}` is no setting{}", meant(&setting, known.settings)));
            }
            Raw::Scalar(value) => match (known.try_one)(&setting, &value) {
                Ok(()) => {
                    table.insert(setting, value);
                }
                Err(must) => mistakes.add(format!("`{path}` is {value}, and must be {must}")),
            },
            Raw::Table(_) => mistakes.add(format!("`{path}` is a table, and must be a single value")),
        }
    }
    if mistakes.0.len() > before {
        return None;
    }
    if let Err(invalid) = (known.try_all)(&table) {
        mistakes.add(format!("`{path}`: {invalid}"));
        return None;
    }
    Some(table)
}
