//! Extract, transform, load: sources are read while others wait, tables are cleaned by a graph that knows no `async`, and
//! a graph of its own writes each table.

use std::collections::BTreeMap;
use std::num::ParseFloatError;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Row {
    city: String,
    celsius: f64,
}

#[derive(Clone, Debug, PartialEq)]
struct Table {
    rows: Vec<Row>,
    mean: f64,
    outliers: usize,
}

/// Where tables come from, and where they go.
#[derive(Default)]
struct Warehouse {
    files: BTreeMap<&'static str, &'static str>,
    written: Mutex<BTreeMap<String, Table>>,
    steps: Mutex<Vec<&'static str>>,
}

mod extract {
    use super::{Duration, Warehouse, operator, sleep};

    #[operator]
    pub(crate) async fn file(warehouse: &Warehouse, name: &str) -> Result<String, String> {
        sleep(Duration::from_secs(2)).await;
        let text = warehouse.files.get(name).ok_or_else(|| format!("no file {name}"))?;
        Ok((*text).to_owned())
    }
}

mod transform {
    use super::{ParseFloatError, Row, Table, graph, operator};

    #[operator]
    pub(crate) fn split(line: &str) -> Option<(&str, &str)> {
        line.split_once(',')
    }

    #[operator]
    pub(crate) fn number(text: &str) -> Result<f64, ParseFloatError> {
        text.trim().parse()
    }

    #[operator]
    pub(crate) fn mean(rows: &[Row]) -> f64 {
        rows.iter().map(|row| row.celsius).sum::<f64>()
            / f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    #[operator]
    pub(crate) fn outliers(rows: &[Row]) -> usize {
        rows.iter().filter(|row| !(-60.0..60.0).contains(&row.celsius)).count()
    }

    graph! {
        pub(crate) fn row(line: &str) -> Result<Row, ember::Error> {
            let parts = split(line);
            let (city, text) = parts.ok_or_else(|| format!("no comma in {line:?}"))?;
            let celsius = number(text)?;
            Ok(Row { city: city.to_owned(), celsius })
        }

        /// Borrows what it works on, as it never waits.
        pub(crate) fn table(text: &str) -> Result<Table, ember::Error> {
            let rows = for line in text.lines() { row(line)? };
            let mean = mean(&rows);
            let outliers = outliers(&rows);
            Ok(Table { rows, mean, outliers })
        }
    }
}

mod load {
    use super::{Arc, Duration, Table, Warehouse, graph, operator, sleep};

    #[operator]
    pub(crate) async fn begin(warehouse: &Warehouse) -> usize {
        sleep(Duration::from_millis(100)).await;
        let mut steps = warehouse.steps.lock().unwrap();
        steps.push("begin");
        steps.len()
    }

    #[operator]
    pub(crate) async fn write(warehouse: &Warehouse, name: &str, table: Table) -> usize {
        sleep(Duration::from_millis(300)).await;
        let rows = table.rows.len();
        warehouse.written.lock().unwrap().insert(name.to_owned(), table);
        warehouse.steps.lock().unwrap().push("write");
        rows
    }

    #[operator]
    pub(crate) async fn commit(warehouse: &Warehouse) {
        sleep(Duration::from_millis(100)).await;
        warehouse.steps.lock().unwrap().push("commit");
    }

    /// Looks at the table on the pool while the transaction begins.
    #[operator]
    pub(crate) fn check(table: &Table) -> Result<(), String> {
        if table.outliers > 1 { Err(format!("{} outliers", table.outliers)) } else { Ok(()) }
    }

    graph! {
        pub(crate) async fn transaction(warehouse: Arc<Warehouse>, name: String, table: Table) -> Result<usize, ember::Error> {
            let checked = check(&table)?;
            let begun = begin(&warehouse).await;
            #[after(begun, checked)]
            let rows = write(&warehouse, &name, table).await;
            #[after(rows)]
            commit(&warehouse).await;
            Ok(rows)
        }
    }
}

graph! {
    async fn etl(warehouse: Arc<Warehouse>, names: Vec<&'static str>) -> Result<usize, ember::Error> {
        let loaded = for name in names {
            let text = extract::file(&warehouse, name).await?;
            let table = transform::table(&text)?;
            load::transaction(warehouse.clone(), name.to_owned(), table).await?
        };
        Ok(loaded.iter().sum())
    }
}

fn warehouse(files: &[(&'static str, &'static str)]) -> Arc<Warehouse> {
    Arc::new(Warehouse { files: files.iter().copied().collect(), ..Warehouse::default() })
}

const NORTH: &str = "Oslo, -4.5\nBergen, 6.5";
const SOUTH: &str = "Cairo, 30\nNowhere, 900";

#[tokio::test(start_paused = true)]
async fn tables_are_read_cleaned_and_written() {
    let (warehouse, start) = (warehouse(&[("north", NORTH), ("south", SOUTH)]), Instant::now());
    let rows = etl(warehouse.clone(), vec!["north", "south"]).await.unwrap();
    assert_eq!(rows, 4);
    // Reading and writing take 2.5 s. The clock, which is paused, may go on while the pool works for one of the tables.
    assert!((2500..=3000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let written = warehouse.written.lock().unwrap();
    assert_eq!((written["north"].mean, written["south"].outliers), (1.0, 1));
    assert_eq!(warehouse.steps.lock().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_the_way_through_all_graphs() {
    let warehouse = warehouse(&[("north", NORTH), ("typo", "Rome, 12\nParis, 1O")]);
    let error = etl(warehouse.clone(), vec!["north", "typo"]).await.unwrap_err();
    assert!(error.find::<ParseFloatError>().is_some());
    let way = "node `celsius` (operator `number`) of graph `row`, run by node `rows[1]` of graph `table`, \
               run by node `loaded[1].table` of graph `etl`, failed: invalid float literal";
    assert_eq!(format!("{error:#}"), way);
    // The table above it was written.
    assert!(warehouse.written.lock().unwrap().contains_key("north"));
}

#[tokio::test(start_paused = true)]
async fn what_fails_the_check_is_not_written() {
    let warehouse = warehouse(&[("hot", "Sun, 5500\nMercury, 430")]);
    let error = etl(warehouse.clone(), vec!["hot"]).await.unwrap_err();
    assert_eq!((error.graph(), error.node()), ("transaction", "checked"));
    assert!(error.to_string().contains("run by node `loaded[0]` of graph `etl`"), "{error}");
    assert!(warehouse.written.lock().unwrap().is_empty());
    assert_eq!(*warehouse.steps.lock().unwrap(), [""; 0]);

    let error = etl(warehouse, vec!["hot", "missing"]).await.unwrap_err();
    assert_eq!(error.node(), "checked");
}
