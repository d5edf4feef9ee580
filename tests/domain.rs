//! What the domain promises, as properties over menus, orders and taps that nobody thought of.

mod domain {
    mod cancelling;
    mod estimate;
    mod folding;
    mod making;
    mod money;
    mod ordering;
    mod play;
    mod seating;
    mod states;
    mod takeaway;
    mod taps;
    mod topics;
    mod wild;
    mod wire;
}
