//! An adapter that declines every item.
//!
//! It shows that a refusal is an outcome with a mark of its own, not an error, and costs next to nothing.

wit_bindgen::generate!({ path: "../../wit", world: "sealed" });

struct Adapter;

export!(Adapter);

impl Guest for Adapter {
    fn respond(_item: Item) -> Result<String, Fault> {
        Err(Fault::Declined)
    }
}
