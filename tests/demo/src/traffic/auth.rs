//! Accounts: people register, sign in, change their profiles, and leave.

use dualwrite_client::fields;
use dualwrite_tests::service::{PROFILES, USERS};
use rand::Rng;

use super::Writer;

/// Users whose sign-ins are counted: few, so that writers meet.
const HOT_USERS: u64 = 50;

impl Writer {
    pub(super) async fn use_an_account(&mut self) {
        match self.random.random_range(0..10) {
            0 | 1 => self.register().await,
            2..=5 => self.sign_in().await,
            6 | 7 => self.change_profile().await,
            8 => self.deactivate().await,
            _ => self.forget_phone().await,
        }
    }

    /// A user with a profile, in one transaction.
    async fn register(&mut self) {
        let id = self.new_key();
        let user = fields! {
            id: id, public_id: format!("6f1d3c2a-0b4e-4c5d-8e7f-{id:012x}"), login: format!("new{id}"),
            email: format!("new{id}@example.com"), password_hash: "argon2id-new",
        };
        let profile = fields! { user_id: id, display_name: format!("New {id}"), settings: "{\"theme\":\"light\"}" };
        let write = self
            .client
            .write()
            .insert("user", user)
            .insert("profile", profile);
        self.send(write).await;
    }

    /// An increment, which must be counted exactly.
    async fn sign_in(&mut self) {
        let user = self.old_key(HOT_USERS);
        let write =
            self.client
                .write()
                .increment("user", fields! { id: user }, fields! { sign_ins: 1 });
        if self.matched(write).await {
            self.ledger.counted("sign-ins", user.to_string(), 1);
        }
    }

    /// Rows of both entities, in one transaction.
    async fn change_profile(&mut self) {
        let user = self.old_key(PROFILES);
        let profile = fields! { language: "de", settings: "{\"mails\":false}" };
        let write = self
            .client
            .write()
            .update(
                "user",
                fields! { id: user },
                fields! { email: format!("moved{user}@example.com") },
            )
            .update("profile", fields! { user_id: user }, profile);
        self.send(write).await;
    }

    /// From active to inactive, once: whoever comes second finds no active user.
    async fn deactivate(&mut self) {
        let user = self.old_key(USERS);
        let inactive = fields! { active: false, deactivated_at: "2026-01-31T12:00:00Z" };
        let write = self
            .client
            .write()
            .update("user", fields! { id: user }, inactive)
            .only_if(fields! { active: true });
        if self.matched(write).await {
            self.ledger.counted("deactivations", user.to_string(), 1);
        }
    }

    /// A value becomes NULL.
    async fn forget_phone(&mut self) {
        let user = self.old_key(PROFILES);
        let nothing = fields! { phone: None::<String> };
        let write = self
            .client
            .write()
            .update("profile", fields! { user_id: user }, nothing);
        self.send(write).await;
    }
}
