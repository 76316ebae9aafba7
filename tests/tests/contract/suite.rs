//! One suite for every engine behind the `Store` port.
//!
//! A case is an async function over a [`Bench`](bench::Bench): a fresh, empty
//! database of one engine. The groups mirror the port: what is created
//! (`install`), who may write (`fences`), what a write does (`writes`,
//! `conditions`, `bounds`, `open_writes`), what it leaves (`markers`, `receipts`), what
//! is copied (`copies`), what is read (`reads`, `ranges`), how values are kept
//! (`kinds`), what is probed (`probes`), and the rest (`upkeep`). `contract!` makes a test of every case
//! for one engine; add a case to its list or it does not run.

pub(crate) mod bench;
pub(crate) mod ddl;
pub(crate) mod prelude;

pub(crate) mod bounds;
pub(crate) mod conditions;
pub(crate) mod copies;
pub(crate) mod fences;
pub(crate) mod install;
pub(crate) mod kinds;
pub(crate) mod markers;
pub(crate) mod open_writes;
pub(crate) mod probes;
pub(crate) mod ranges;
pub(crate) mod reads;
pub(crate) mod receipts;
pub(crate) mod removal;
pub(crate) mod samples;
pub(crate) mod upkeep;
pub(crate) mod writes;

macro_rules! tests {
    ($start:path: $($group:ident { $($case:ident,)* })*) => {
        $(mod $group {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let bench = $start().await;
                dualwrite_tests::eventually::ends(
                    stringify!($case),
                    crate::suite::$group::$case(&bench),
                ).await;
            })*
        })*
    };
}

macro_rules! contract {
    ($start:path) => {
        tests! { $start:
            install {
                creates_what_is_missing_and_can_run_twice,
                can_run_by_several_at_once,
                refuses_tables_without_a_fence_row,
                adds_outboxes_to_what_is_there,
                shows_its_statements,
            }
            fences {
                a_change_is_a_compare_and_set,
                a_missing_fence_is_lost,
                a_drained_change_refuses_while_markers_are_left,
                every_write_is_refused_where_the_fence_says_otherwise,
                every_copy_is_refused_where_the_fence_says_otherwise,
                a_missing_fence_refuses_everything,
                an_open_write_keeps_the_fence_from_changing,
                an_open_apply_keeps_the_fence_from_changing,
                changes_that_race_have_one_winner,
            }
            writes {
                an_insert_answers_the_row_with_its_defaults,
                an_insert_of_a_row_that_is_there_is_refused_whole,
                an_upsert_sets_only_what_was_given,
                an_upsert_of_the_key_alone_answers_the_row,
                an_update_answers_the_row_or_no_match,
                a_delete_answers_whether_it_found_the_row,
                several_mutations_are_one_transaction_in_the_order_given,
                one_refused_mutation_refuses_all,
                a_mutation_that_must_match_refuses_all,
                composite_keys_name_one_row,
                other_constraints_are_told_apart,
                a_value_of_another_kind_is_refused_without_the_value,
                a_table_that_is_not_there_is_a_matter_of_schema,
                names_need_no_care,
                a_dropped_write_is_whole_or_nothing,
            }
            bounds {
                a_bound_is_compared_as_a_value_and_null_is_at_least_nothing,
                every_ordered_kind_can_be_bounded,
                of_writers_that_race_for_the_last_ones_none_takes_too_much,
            }
            conditions {
                conditions_are_compared_as_values,
                null_equals_null_in_conditions,
                increments_are_exact,
                an_increment_of_null_stays_null,
                an_increment_out_of_range_is_refused,
                set_add_and_condition_go_together,
                increments_from_two_sidecars_all_count,
            }
            open_writes {
                nothing_is_seen_before_the_commit,
                a_rollback_leaves_nothing,
                a_drop_leaves_nothing,
            }
            markers {
                a_write_leaves_one_marker_a_key,
                a_write_without_token_leaves_none,
                a_later_write_replaces_the_token,
                only_the_matching_token_clears,
                clearing_spares_siblings_of_the_same_token,
                they_are_listed_in_key_order_by_pages,
                a_repair_leaves_them_under_the_fence,
                the_backlog_counts_them,
                those_of_one_transaction_are_found_in_every_outbox,
            }
            copies {
                a_pull_answers_token_and_row_in_the_order_of_the_keys,
                a_pull_of_many_keys_mixes_nothing_up,
                rows_are_made_equal,
                a_copy_leaves_no_marker,
                parents_come_first_and_children_go_first,
                the_wrong_order_is_refused_and_nothing_is_left,
                a_commit_after_an_error_is_refused,
                a_unique_value_in_the_way_is_a_constraint,
                holders_of_values_are_found,
                a_swap_is_written_by_way_of_a_value_out_of_the_way,
                a_transaction_sees_its_own_copies,
                a_rollback_leaves_nothing,
                a_drop_leaves_nothing,
                a_key_lock_is_waited_for_and_not_longer_than_said,
                a_try_takes_no_lock_that_is_held,
            }
            reads {
                rows_come_in_the_order_of_the_keys_with_the_fence,
                a_list_goes_on_after_a_key,
                a_list_keeps_to_its_filter,
                a_filter_compares_values,
                a_read_sees_one_snapshot,
            }
            ranges {
                integers_are_ordered_by_number,
                texts_are_ordered_bytewise,
                composite_keys_are_ordered_part_by_part,
                every_kind_of_key_is_in_canonical_order,
                a_page_stays_within_its_bounds,
                a_split_cuts_the_table_in_like_parts,
                an_empty_table_has_no_parts,
            }
            receipts {
                a_receipt_answers_the_images_with_the_fence,
                a_request_runs_once,
                settling_an_unknown_request_stops_it_for_ever,
                settling_a_committed_request_says_so,
                settling_waits_for_an_open_transaction,
                they_expire,
                they_belong_to_one_service,
            }
            removal {
                everything_of_a_service_goes_and_nothing_else,
                it_can_run_twice_and_by_several_at_once,
                a_migration_that_goes_on_is_never_removed,
                another_service_goes_on,
                whoever_still_writes_under_the_fence_is_refused,
                an_open_write_ends_first,
                plain_writes_and_reads_need_nothing_of_ours,
                a_diagnosis_names_the_server,
            }
            probes {
                they_mirror_and_are_written_like_any_table,
                one_of_an_older_mapping_is_made_anew,
                they_go_with_everything_else,
            }
            kinds {
                every_kind_comes_back_as_it_went,
                every_kind_is_copied_as_it_went,
                every_kind_may_be_null,
                every_kind_survives_a_receipt,
            }
            upkeep {
                it_answers_and_says_what_it_is,
                tables_are_described,
                relations_are_listed_without_ours,
                sequences_move_past_the_largest_row_and_never_back,
                keys_are_set_aside_counted_and_released,
                services_do_not_meet,
            }
        }
    };
}
