//! A program whose `main` begins with `ember::isolate::init()`, and which forbids what the library's own macros must not
//! need either.
#![forbid(unsafe_code, unused_unsafe)]

use ember::prelude::*;

mod deep {
    use ember::prelude::*;

    /// Doubles, in a process of its own.
    #[operator(isolate(workers = 1), timeout = "60s")]
    pub(crate) fn double(n: u64) -> Result<u64, String> {
        n.checked_mul(2).ok_or_else(|| "too much".to_owned())
    }
}

graph! {
    fn doubled(n: u64) -> Result<u64, ember::Error> {
        let n = deep::double(n)?;
        Ok(n)
    }
    async fn doubled_async(n: u64) -> Result<Vec<u64>, ember::Error> {
        let all = for i in 0..n { deep::double(i)? };
        Ok(all)
    }
}

#[cfg(target_os = "linux")]
fn main() {
    ember::isolate::init();
    // Called again, it does no harm.
    ember::isolate::init();
    // What the harness prints, so that runners which list tests are content.
    if std::env::args().any(|argument| argument == "--list") {
        println!("r39_a_program_with_a_main_of_its_own_is_its_own_worker: test");
        return;
    }
    assert_eq!(doubled(21).unwrap(), 42);
    assert_eq!(
        format!("{:#}", doubled(u64::MAX).unwrap_err()),
        "node `n` (operator `deep::double`) of graph `doubled` failed: too much"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(runtime.block_on(doubled_async(5)).unwrap(), [0, 2, 4, 6, 8]);
    assert_eq!(deep::double::isolation().started(), 1);
}

#[cfg(not(target_os = "linux"))]
fn main() {}
