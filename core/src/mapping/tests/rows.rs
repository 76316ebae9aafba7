use super::*;
use crate::convert::ConvertError;
use crate::key::Key;

fn item() -> Arc<EntityMap> {
    Arc::clone(world().check().unwrap().entity("cart_item").unwrap())
}

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

#[test]
fn rows_go_to_each_side_and_come_back() {
    let item = item();
    let canonical = vec![Value::Int(7), Value::UInt(1), decimal("12.5")];
    let legacy = vec![Value::Int(7), Value::Int(1), Value::Int(1250)];
    assert_eq!(item.to_side(Side::Legacy, &canonical), Ok(legacy.clone()));
    assert_eq!(item.from_side(Side::Legacy, legacy), Ok(canonical.clone()));
    assert_eq!(item.to_side(Side::New, &canonical), Ok(canonical.clone()));
    assert_eq!(item.from_side(Side::New, canonical.clone()), Ok(canonical));
    let nulls = vec![Value::Null; 3];
    assert_eq!(item.to_side(Side::Legacy, &nulls), Ok(nulls.clone()));
    assert_eq!(item.from_side(Side::Legacy, nulls.clone()), Ok(nulls));
}

#[test]
fn a_value_that_does_not_fit_names_its_field() {
    let item = item();
    let too_fine = item
        .value_to_side(Side::Legacy, 2, decimal("0.001"))
        .unwrap_err();
    assert!(
        too_fine
            .to_string()
            .starts_with("cart_item.price: cents_to_decimal"),
        "{too_fine}"
    );
    let negative = item
        .value_from_side(Side::Legacy, 1, Value::Int(-1))
        .unwrap_err();
    assert!(
        negative.to_string().starts_with("cart_item.line: "),
        "{negative}"
    );
    let short = item.to_side(Side::New, &[]).unwrap_err();
    assert_eq!(
        short,
        ConvertError::Arity {
            entity: "cart_item".into(),
            expected: 3,
            got: 0
        }
    );
}

#[test]
fn a_conversion_meets_numbers_of_another_width() {
    let mut world = world();
    world.legacy_column(1, 2).kind = Some(Kind::UInt);
    let mapping = world.check().unwrap();
    let item = mapping.entity("cart_item").unwrap();
    assert_eq!(
        item.value_from_side(Side::Legacy, 2, Value::UInt(5)),
        Ok(decimal("0.05"))
    );
    assert_eq!(
        item.value_to_side(Side::Legacy, 2, decimal("0.05")),
        Ok(Value::UInt(5))
    );
    assert_eq!(
        item.increment_to_side(Side::Legacy, 2, decimal("-0.05")),
        Ok(Value::Int(-5))
    );
}

#[test]
fn increments_are_signed_and_converted() {
    let item = item();
    assert_eq!(
        item.increment_to_side(Side::New, 2, decimal("0.5")),
        Ok(decimal("0.5"))
    );
    assert_eq!(
        item.increment_to_side(Side::New, 2, Value::Int(2)),
        Ok(decimal("2"))
    );
    assert_eq!(
        item.increment_to_side(Side::Legacy, 2, decimal("0.5")),
        Ok(Value::Int(50))
    );
    assert_eq!(
        item.increment_to_side(Side::Legacy, 1, Value::Int(-1)),
        Ok(Value::Int(-1))
    );
    assert!(
        item.increment_to_side(Side::Legacy, 2, decimal("0.001"))
            .is_err()
    );
    assert!(item.increment_to_side(Side::New, 2, Value::Null).is_err());
    assert!(
        item.increment_to_side(Side::New, 1, Value::Bool(true))
            .is_err()
    );

    let cart = Arc::clone(world().check().unwrap().root().unwrap());
    let text = cart
        .increment_to_side(Side::New, 1, Value::Int(1))
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("cart.user_id: a column that is text here cannot be incremented"),
        "{text}"
    );
}

#[test]
fn keys_go_to_each_side_and_come_back() {
    let item = item();
    let row = [Value::Int(7), Value::UInt(1), Value::Null];
    let key = item.key_of(&row).unwrap();
    let legacy = item.key_to_side(Side::Legacy, &key).unwrap();
    assert_eq!(legacy, [Value::Int(7), Value::Int(1)]);
    let parts = item.key_from_side(Side::Legacy, legacy).unwrap();
    assert_eq!(Key::new(parts), Ok(key.clone()));
    assert_eq!(Key::decode(key.as_bytes(), &item.key_kinds()), Ok(key));
    assert!(item.key_from_side(Side::New, vec![Value::Int(7)]).is_err());
    assert!(
        item.key_of(&[Value::Null, Value::UInt(1), Value::Null])
            .is_err()
    );
}
