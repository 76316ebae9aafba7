//! `docs/quickstart.md`: an item into a cart, and back. Run it with the
//! address of a sidecar of the cart service.

use dualwrite_client::{DualwriteClient, Error, fields};

/// Puts two of a product into a cart and answers how many are in it.
pub(crate) async fn add_to_cart(sidecar: &str) -> Result<Option<i64>, Error> {
    let client = DualwriteClient::connect(sidecar)?;
    let item = fields! { cart_id: 7, product_id: 456 };
    client
        .write()
        .upsert("cart", fields! { id: 7, user_id: "ann" })
        .upsert(
            "cart_item",
            fields! { cart_id: 7, product_id: 456, unit_price: "12.75" },
        )
        .update("cart_item", item.clone(), fields! { quantity: 2 })
        .send()
        .await?;
    let found = client.read("cart_item", item).send().await?.row;
    found.map(|row| row.get("quantity")).transpose()
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Error> {
    let sidecar = std::env::args().nth(1);
    let sidecar = sidecar.unwrap_or_else(|| "http://127.0.0.1:7410".to_owned());
    println!("in the cart: {:?}", add_to_cart(&sidecar).await?);
    Ok(())
}
