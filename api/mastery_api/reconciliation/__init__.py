"""The Reconciliation Service API: 0.2 at `/reconcile`, the draft of 1.0 at `/reconcile/1.0-draft`."""
