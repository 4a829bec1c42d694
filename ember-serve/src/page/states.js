// Policies, resources and what else outlives runs.

function showStates() {}
