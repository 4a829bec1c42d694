//! Accounts of users: graphs that wait and graphs that work in one another, with methods, generics and an error type of one's own.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use ember::prelude::*;

#[derive(Debug)]
enum AccountError {
    NoUser(u32),
    Run(ember::Error),
}

#[derive(Debug)]
struct NoUser(u32);

impl Display for NoUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no user {}", self.0)
    }
}

impl std::error::Error for NoUser {}

impl From<NoUser> for AccountError {
    fn from(NoUser(id): NoUser) -> Self {
        AccountError::NoUser(id)
    }
}

impl From<ember::Error> for AccountError {
    fn from(error: ember::Error) -> Self {
        AccountError::Run(error)
    }
}

impl Display for AccountError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AccountError::NoUser(id) => write!(f, "user {id} is not known"),
            AccountError::Run(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for AccountError {}

struct Database {
    users: BTreeMap<u32, &'static str>,
}

impl Database {
    #[operator]
    async fn user(&self, id: u32) -> Result<&'static str, NoUser> {
        tokio::task::yield_now().await;
        self.users.get(&id).copied().ok_or(NoUser(id))
    }

    #[operator]
    fn count(&self) -> usize {
        self.users.len()
    }
}

#[operator]
fn letters(text: &str) -> BTreeMap<char, usize> {
    assert!(!text.is_empty(), "a name without letters");
    let mut letters = BTreeMap::new();
    for letter in text.chars() {
        *letters.entry(letter).or_insert(0) += 1;
    }
    letters
}

#[operator]
fn most(letters: &BTreeMap<char, usize>) -> Option<char> {
    letters.iter().max_by_key(|&(_, &count)| count).map(|(&letter, _)| letter)
}

#[operator]
fn widest<T: Display + Sync>(items: &[T]) -> usize {
    items.iter().map(|item| item.to_string().len()).max().unwrap_or(0)
}

graph! {
    /// Works, and waits for nothing.
    fn profile(name: &str) -> (usize, Option<char>) {
        let letters = letters(name);
        let most = most(&letters);
        (letters.len(), most)
    }

    /// Waits for the user, and works with a graph that works.
    async fn account(database: Arc<Database>, id: u32) -> Result<(&'static str, usize, Option<char>), AccountError> {
        let name = database.user(id).await?;
        let (letters, most) = profile(name);
        Ok((name, letters, most))
    }

    /// A graph that waits, in one that waits, for any kind of tag.
    async fn accounts<T>(database: Arc<Database>, ids: Vec<u32>, tag: T) -> Result<Vec<String>, AccountError>
    where
        T: Display + Send + Sync + 'static,
    {
        let lines = for id in ids {
            let (name, letters, most) = account(database.clone(), id).await?;
            format!("{tag}{name}: {letters}, {}", most.unwrap_or('-'))
        };
        let count = database.count();
        let widest = widest(&lines);
        let mut all = lines;
        all.push(format!("{count} users, {widest} wide"));
        Ok(all)
    }
}

/// Waits with its thread, so a graph that works can have a graph that waits inside.
#[operator]
fn waited(database: &Arc<Database>, id: u32) -> Result<&'static str, AccountError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    Ok(runtime.block_on(account(database.clone(), id))?.0)
}

graph! {
    fn pair(database: &Arc<Database>, a: u32, b: u32) -> Result<[&'static str; 2], ember::Error> {
        let one = waited(database, a)?;
        let two = waited(database, b)?;
        Ok([one, two])
    }
}

fn database() -> Arc<Database> {
    Arc::new(Database { users: BTreeMap::from([(1, "anna"), (2, "bob"), (3, "")]) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphs_of_both_kinds_in_one_another() {
    let lines = tokio::spawn(accounts(database(), vec![2, 1], '#')).await.unwrap().unwrap();
    assert_eq!(lines, ["#bob: 2, b", "#anna: 2, n", "3 users, 11 wide"]);
    assert_eq!(accounts(database(), Vec::new(), 0).await.unwrap(), ["3 users, 0 wide"]);
}

#[tokio::test]
async fn failures_arrive_as_what_they_are_and_panics_with_their_node() {
    let error = accounts(database(), vec![1, 7], "").await.unwrap_err();
    assert!(matches!(error, AccountError::NoUser(7)), "{error:?}");

    let AccountError::Run(error) = accounts(database(), vec![1, 3], "").await.unwrap_err() else {
        panic!("a panic arrives as an error of the run");
    };
    assert!(error.is_panic());
    // A graph that returns no `Result` passes the panic on, with the name of its node.
    assert_eq!((error.graph(), error.operator()), ("account", "profile"));
    let said = "node `letters` (operator `letters`) of graph `profile` panicked: a name without letters";
    assert_eq!(error.panic_message(), Some(said));
}

#[test]
fn a_graph_that_works_waits_with_its_threads() {
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(|| pair(&database(), 1, 2)).unwrap(), ["anna", "bob"]);
        let error = cx.scope(|| pair(&database(), 1, 9)).unwrap_err();
        assert_eq!(error.node(), "two");
        assert!(matches!(error.find(), Some(AccountError::NoUser(9))), "{error:?}");
    }
}
