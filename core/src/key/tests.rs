use proptest::prelude::*;

use super::*;
use crate::value::Decimal;

fn key(parts: impl IntoIterator<Item = Value>) -> Key {
    Key::new(parts.into_iter().collect()).unwrap()
}

fn kinds(key: &Key) -> Vec<Kind> {
    key.parts().iter().filter_map(Value::kind).collect()
}

fn any_part() -> impl Strategy<Value = Value> {
    crate::value::any_value().prop_filter("kinds of keys", |value| {
        value.kind().is_some_and(Kind::is_key)
    })
}

/// Two decimals that are close together, where an encoding might go wrong.
fn small_decimal() -> impl Strategy<Value = Decimal> {
    (-1500..1500_i128, 0..4_u8).prop_map(|(unscaled, scale)| Decimal::from_scaled(unscaled, scale))
}

proptest! {
    #[test]
    fn every_key_comes_back_from_its_bytes(parts in prop::collection::vec(any_part(), 1..4)) {
        let key = key(parts.clone());
        let decoded = Key::decode(&key.encode(), &kinds(&key)).unwrap();
        prop_assert_eq!(decoded.parts(), parts.as_slice());
    }

    #[test]
    fn integers_sort_by_number(a in any::<i64>(), b in any::<i64>()) {
        prop_assert_eq!(key([Value::Int(a)]).cmp(&key([Value::Int(b)])), a.cmp(&b));
    }

    #[test]
    fn unsigned_integers_sort_by_number(a in any::<u64>(), b in any::<u64>()) {
        prop_assert_eq!(key([Value::UInt(a)]).cmp(&key([Value::UInt(b)])), a.cmp(&b));
    }

    #[test]
    fn the_sign_of_a_column_does_not_matter(a in 0..=i64::MAX) {
        prop_assert_eq!(key([Value::Int(a)]), key([Value::UInt(a.unsigned_abs())]));
    }

    #[test]
    fn decimals_sort_by_number(a in small_decimal(), b in small_decimal()) {
        let order = a.cmp(&b);
        prop_assert_eq!(key([Value::Decimal(a)]).cmp(&key([Value::Decimal(b)])), order);
    }

    #[test]
    fn texts_sort_bytewise(a in "[\u{0}-\u{3}a\u{ff}]{0,5}", b in "[\u{0}-\u{3}a\u{ff}]{0,5}") {
        let order = a.as_bytes().cmp(b.as_bytes());
        prop_assert_eq!(key([Value::Text(a)]).cmp(&key([Value::Text(b)])), order);
    }

    #[test]
    fn tuples_sort_part_by_part(
        a in ("[\u{0}-\u{2}a]{0,3}", any::<i64>()),
        b in ("[\u{0}-\u{2}a]{0,3}", any::<i64>()),
    ) {
        let order = a.cmp(&b);
        let pair = |(text, int): (String, i64)| key([Value::Text(text), Value::Int(int)]);
        prop_assert_eq!(pair(a).cmp(&pair(b)), order);
    }

    #[test]
    fn a_prefix_key_comes_first(parts in prop::collection::vec(any_part(), 2..4)) {
        let prefix = key(parts[..parts.len() - 1].to_vec());
        prop_assert!(prefix < key(parts));
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in any::<Vec<u8>>(), kind in 0..Kind::ALL.len()) {
        let kind = Kind::ALL[kind];
        if let Ok(decoded) = Key::decode(&bytes, &[kind]) {
            prop_assert_eq!(decoded.encode(), bytes);
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    assert_eq!(Key::new(vec![]), Err(KeyError::Empty));
    let null = Key::new(vec![Value::Int(1), Value::Null]).unwrap_err();
    assert_eq!(null, KeyError::Null { part: 2 });
    for value in [Value::Float(1.0), Value::Json("{}".into())] {
        let kind = value.kind().unwrap();
        assert_eq!(Key::new(vec![value]), Err(KeyError::Kind { part: 1, kind }));
    }
}

#[test]
fn bytes_of_other_kinds_are_refused() {
    let bytes = key([Value::Int(-1)]).encode();
    for kind in [Kind::UInt, Kind::Text, Kind::Date, Kind::Json] {
        let error = Key::decode(&bytes, &[kind]).unwrap_err().to_string();
        assert!(error.contains(kind.as_str()), "{error}");
    }
    assert!(
        Key::decode(&bytes, &[Kind::Int, Kind::Int]).is_err(),
        "too few"
    );
    assert!(
        Key::decode(&[bytes.as_slice(), &[0]].concat(), &[Kind::Int]).is_err(),
        "too many"
    );
    assert!(Key::decode(&bytes[..5], &[Kind::Int]).is_err(), "cut");
}

/// These are stored and agreed on between processes: they must never change.
#[test]
fn the_canonical_bytes_are_pinned() {
    let table: [(Value, &[u8]); 8] = [
        (Value::Bool(true), &[1, 1]),
        (Value::Int(1), &[2, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
        (
            Value::Int(-1),
            &[2, 0, 255, 255, 255, 255, 255, 255, 255, 255],
        ),
        (
            Value::Decimal(Decimal::from_scaled(-15, 1)),
            &[3, 0, 255, 255, 255, 254, 206, 202, 255],
        ),
        (
            Value::Decimal(Decimal::from_scaled(5, 1)),
            &[3, 1, 0, 0, 0, 0, b'5', 0],
        ),
        (Value::Text("a\0".into()), &[4, b'a', 0, 255, 0, 1]),
        (
            Value::Date(-1),
            &[9, 0, 255, 255, 255, 255, 255, 255, 255, 255],
        ),
        (
            Value::Uuid([7; 16]),
            &[6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
        ),
    ];
    for (value, bytes) in table {
        assert_eq!(key([value.clone()]).encode(), bytes, "{value:?}");
    }
}

#[test]
fn the_hashes_are_pinned() {
    let user = key([Value::Text("user123".into())]);
    let bytes = [b"cart\0cart_item\0".as_slice(), user.as_bytes()].concat();
    assert_eq!(
        u64::from(bucket("cart", "cart_item", &user)),
        xxh3_64(&bytes) % 1024
    );
    assert_eq!(bucket("cart", "cart_item", &user), PINNED_BUCKET);
    assert_eq!(share("cart", "cart_item", &user), PINNED_SHARE);
    assert_eq!(user.hashed(), PINNED_HASH);
}

const PINNED_BUCKET: u16 = 62;
const PINNED_SHARE: u8 = 41;
const PINNED_HASH: &str = "#f758844ac67801c5";

#[test]
fn buckets_and_shares_spread_evenly_and_apart() {
    let keys: Vec<Key> = (0..20_480).map(|id| key([Value::Int(id)])).collect();
    let mut by_bucket = vec![0_u32; usize::from(BUCKETS)];
    let mut by_share = vec![0_u32; 100];
    for key in &keys {
        by_bucket[usize::from(bucket("cart", "cart", key))] += 1;
        by_share[usize::from(share("cart", "cart", key))] += 1;
    }
    // 20 and 205 on average; these bounds are more than five deviations away.
    assert!(by_bucket.iter().all(|count| *count < 46), "{by_bucket:?}");
    assert!(
        by_share.iter().all(|count| (130..280).contains(count)),
        "{by_share:?}"
    );

    let in_one_bucket = keys.iter().filter(|key| bucket("cart", "cart", key) < 64);
    let shares: Vec<u8> = in_one_bucket
        .map(|key| share("cart", "cart", key))
        .collect();
    let low = shares.iter().filter(|share| **share < 50).count();
    assert!(
        (shares.len() * 2 / 5..shares.len() * 3 / 5).contains(&low),
        "{low} of {}",
        shares.len()
    );
}

#[test]
fn service_and_entity_belong_to_the_hash() {
    let hundred: Vec<Key> = (0..100).map(|id| key([Value::Int(id)])).collect();
    let buckets = |service, entity| -> Vec<u16> {
        hundred
            .iter()
            .map(|key| bucket(service, entity, key))
            .collect()
    };
    assert_ne!(buckets("cart", "item"), buckets("shop", "item"));
    assert_ne!(buckets("cart", "item"), buckets("cart", "list"));
    assert_ne!(buckets("cart", "item"), buckets("car", "titem"));
}

#[test]
fn a_sensitive_key_is_shown_hashed() {
    let key = key([Value::Text("anna@example.org".into()), Value::Int(5)]);
    assert_eq!(key.shown(false), "anna@example.org,5");
    let hashed = key.shown(true);
    assert!(
        hashed.starts_with('#') && hashed.len() == 17 && !hashed.contains("anna"),
        "{hashed}"
    );
}
