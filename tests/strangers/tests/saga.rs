//! An order as a saga: what has been done is undone, last first, when a later step fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ember::prelude::*;
use tokio::sync::oneshot;
use tokio::time::sleep;

#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Order {
    item: &'static str,
    cents: u32,
    city: &'static str,
}

#[derive(Debug, PartialEq)]
enum Refused {
    OutOfStock(&'static str),
    TooPoor { missing: u32 },
    NoRoad(&'static str),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::OutOfStock(item) => write!(f, "{item} is out of stock"),
            Refused::TooPoor { missing } => write!(f, "{missing} cents are missing"),
            Refused::NoRoad(city) => write!(f, "no road leads to {city}"),
        }
    }
}

impl std::error::Error for Refused {}

struct Reservation(&'static str);
struct Payment(u32);

#[operator]
async fn reserve(journal: &Journal, order: &Order) -> Result<Reservation, Refused> {
    sleep(Duration::from_millis(30)).await;
    if order.item == "unicorn" {
        return Err(Refused::OutOfStock(order.item));
    }
    journal.write(format!("reserved {}", order.item));
    Ok(Reservation(order.item))
}

#[operator]
async fn release(journal: &Journal, reservation: Reservation) {
    sleep(Duration::from_millis(30)).await;
    journal.write(format!("released {}", reservation.0));
}

#[operator]
async fn pay(journal: &Journal, order: &Order) -> Result<Payment, Refused> {
    sleep(Duration::from_millis(10)).await;
    if order.cents > 1000 {
        return Err(Refused::TooPoor { missing: order.cents - 1000 });
    }
    journal.write(format!("paid {}", order.cents));
    Ok(Payment(order.cents))
}

#[operator]
async fn refund(journal: &Journal, payment: Payment) {
    sleep(Duration::from_millis(10)).await;
    journal.write(format!("refunded {}", payment.0));
}

#[operator]
async fn ship(journal: &Journal, city: &'static str) -> Result<String, Refused> {
    sleep(Duration::from_millis(5)).await;
    if city == "Atlantis" {
        return Err(Refused::NoRoad(city));
    }
    journal.write(format!("shipped to {city}"));
    Ok(format!("parcel for {city}"))
}

/// Works, so it is not `async`.
#[operator]
fn label(order: &Order) -> String {
    format!("{} for {}", order.item, order.city)
}

graph! {
    async fn place(journal: Journal, order: Order) -> Result<String, ember::Error> {
        let label = label(&order);
        let reservation = reserve(&journal, &order).await?;
        #[after(reservation)]
        let payment = pay(&journal, &order).await;
        // What fails from here on is undone.
        let outcome = match payment {
            Err(refused) => {
                release(&journal, reservation).await;
                Err(refused)
            }
            Ok(payment) => {
                let shipped = ship(&journal, order.city).await;
                let outcome = match shipped {
                    Ok(parcel) => Ok(parcel),
                    Err(refused) => {
                        let refunded = refund(&journal, payment).await;
                        #[after(refunded)]
                        release(&journal, reservation).await;
                        Err(refused)
                    }
                };
                outcome
            }
        };
        let parcel = outcome?;
        Ok(format!("{label}: {parcel}"))
    }
}

fn order(item: &'static str, cents: u32, city: &'static str) -> Order {
    Order { item, cents, city }
}

#[tokio::test(start_paused = true)]
async fn all_goes_well() {
    let journal = Journal::default();
    let done = place(journal.clone(), order("lamp", 900, "Bonn")).await.unwrap();
    assert_eq!(done, "lamp for Bonn: parcel for Bonn");
    assert_eq!(journal.lines(), ["reserved lamp", "paid 900", "shipped to Bonn"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_undone_last_first() {
    let journal = Journal::default();
    let error = place(journal.clone(), order("lamp", 900, "Atlantis")).await.unwrap_err();
    assert_eq!(error.find(), Some(&Refused::NoRoad("Atlantis")));
    assert_eq!(journal.lines(), ["reserved lamp", "paid 900", "refunded 900", "released lamp"]);

    let journal = Journal::default();
    let error = place(journal.clone(), order("yacht", 5000, "Bonn")).await.unwrap_err();
    assert_eq!(error.find(), Some(&Refused::TooPoor { missing: 4000 }));
    assert_eq!(journal.lines(), ["reserved yacht", "released yacht"]);

    let journal = Journal::default();
    let error = place(journal.clone(), order("unicorn", 1, "Bonn")).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("reservation", "reserve"));
    assert_eq!(journal.lines(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_orders_in_tasks_of_their_own() {
    let journal = Journal::default();
    let (send, receive) = oneshot::channel::<()>();
    let tasks: Vec<_> = ["Bonn", "Atlantis", "Rome"]
        .map(|city| tokio::spawn(place(journal.clone(), order("lamp", 5, city))))
        .into_iter()
        .collect();
    let mut parcels = Vec::new();
    for task in tasks {
        parcels.push(task.await.unwrap().is_ok());
    }
    drop(send);
    assert!(receive.await.is_err());
    assert_eq!(parcels, [true, false, true]);
    assert_eq!(journal.lines().iter().filter(|line| line.starts_with("refunded")).count(), 1);
}
