//! What stands in the place of shared resources.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Of anything.
type Shared = Arc<dyn Any + Send + Sync>;

/// The values, by what tells the resources apart. There are few of them.
#[derive(Clone, Default)]
pub(super) struct Instead(Vec<(Shared, Shared)>);

impl Instead {
    pub(super) fn put(&mut self, resource: Shared, value: Shared) {
        let id = address(&resource);
        self.0.retain(|(other, _)| address(other) != id);
        self.0.push((resource, value));
    }

    pub(super) fn get(&self, id: usize) -> Option<Shared> {
        self.0.iter().find(|(resource, _)| address(resource) == id).map(|(_, value)| value.clone())
    }

    /// Together with those around, as far as it says nothing itself.
    pub(super) fn below(self, around: Option<&Arc<Self>>) -> Option<Arc<Self>> {
        if self.0.is_empty() {
            return around.cloned();
        }
        let mut all = around.map(|around| Self::clone(around)).unwrap_or_default();
        self.0.into_iter().for_each(|(resource, value)| all.put(resource, value));
        Some(Arc::new(all))
    }
}

impl From<Option<&Arc<Self>>> for Instead {
    fn from(other: Option<&Arc<Self>>) -> Self {
        other.map(|other| Self::clone(other)).unwrap_or_default()
    }
}

impl fmt::Debug for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instead").field("resources", &self.0.len()).finish_non_exhaustive()
    }
}

fn address(resource: &Shared) -> usize {
    Arc::as_ptr(resource).addr()
}
