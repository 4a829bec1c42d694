//! A slow and obvious list of keys beside the real ones.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Get(u8),
    /// Gets, and keeps what comes.
    Hold(u8),
    /// Lets go what was kept first.
    LetGo,
    /// Says of the key's state whether it is idle.
    Busy(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0_u8..12;
    prop_oneof![
        4 => key.clone().prop_map(Step::Get),
        1 => key.clone().prop_map(Step::Hold),
        1 => Just(Step::LetGo),
        1 => (key, any::<bool>()).prop_map(|(key, busy)| Step::Busy(key, busy)),
    ]
}

/// The keys with a state of their own, that of the oldest use first, and which state that is.
#[derive(Default)]
struct Model {
    keys: Vec<(u8, usize)>,
    busy: HashSet<usize>,
    held: Vec<usize>,
}

impl Model {
    /// Whether the key has a state of its own afterwards.
    fn get(&mut self, key: u8, capacity: usize) -> bool {
        if let Some(at) = self.keys.iter().position(|entry| entry.0 == key) {
            let entry = self.keys.remove(at);
            self.keys.push(entry);
            return true;
        }
        if self.keys.len() < capacity {
            return true;
        }
        for _ in 0..capacity {
            let oldest = self.keys.remove(0);
            if !self.busy.contains(&oldest.1) && !self.held.contains(&oldest.1) {
                return true;
            }
            self.keys.push(oldest);
        }
        false
    }
}

proptest! {
    #[test]
    fn the_keys_do_what_the_obvious_list_does(capacity in 1_usize..8, steps in vec(step(), 1..200)) {
        let keyed = Keyed::<u8, Busy>::new(capacity, Busy::default);
        let mut model = Model::default();
        let mut held: Vec<Arc<Busy>> = Vec::new();
        for step in steps {
            let (key, hold, busy) = match step {
                Step::Get(key) => (key, false, None),
                Step::Hold(key) => (key, true, None),
                Step::Busy(key, busy) => (key, false, Some(busy)),
                Step::LetGo => {
                    if !held.is_empty() {
                        held.remove(0);
                        model.held.remove(0);
                    }
                    continue;
                }
            };
            let has_own = model.get(key, capacity);
            let state = keyed.get(&key);
            let name = Arc::as_ptr(&state).addr();
            if has_own {
                match model.keys.iter().find(|entry| entry.0 == key) {
                    Some(entry) => prop_assert_eq!(entry.1, name),
                    None => {
                        // It may stand where one stood that is gone.
                        model.busy.remove(&name);
                        model.keys.push((key, name));
                    }
                }
            } else {
                prop_assert!(model.keys.iter().all(|entry| entry.1 != name));
            }
            if let Some(busy) = busy {
                state.0.store(busy, Ordering::Relaxed);
                if busy { model.busy.insert(name); } else { model.busy.remove(&name); }
            }
            if hold {
                model.held.push(name);
                held.push(state);
            }
            let mut keys: Vec<_> = keyed.all().into_iter().map(|(key, state)| (key, Arc::as_ptr(&state).addr())).collect();
            keys.sort_unstable();
            let mut expected = model.keys.clone();
            expected.sort_unstable();
            prop_assert_eq!(keys, expected);
        }
    }
}
