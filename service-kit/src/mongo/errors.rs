//! The one table that says what an error of MongoDB means: *infrastructure*, which is retried for ever and parks nothing
//! (D8), or not.
//!
//! Infrastructure is everything that no command and no event can be guilty of: the network, elections, limits and
//! faults of the installation, also those that need a person (credentials, a full disk), because what waited is still
//! right when they are healed. What the data itself causes (a duplicate key, a document that is too large) is not.

use mongodb::error::{
    BulkWriteError, Error, ErrorKind, InsertManyError, RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR, SYSTEM_OVERLOADED_ERROR,
    TRANSIENT_TRANSACTION_ERROR, WriteFailure,
};

/// Server error codes that are infrastructure, with the names MongoDB gives them (its `error_codes.yml`).
const INFRASTRUCTURE_CODES: [i32; 45] = [
    6,     // HostUnreachable
    7,     // HostNotFound
    11,    // UserNotFound
    13,    // Unauthorized
    18,    // AuthenticationFailed
    24,    // LockTimeout
    43,    // CursorNotFound: a server that was restarted has lost it
    46,    // LockBusy
    50,    // MaxTimeMSExpired
    63,    // StaleShardVersion
    64,    // WriteConcernTimeout: the outcome is unknown, the same write is sent again
    70,    // ShardNotFound
    79,    // UnknownReplWriteConcern
    89,    // NetworkTimeout
    91,    // ShutdownInProgress
    100,   // UnsatisfiableWriteConcern
    112,   // WriteConflict
    117,   // ConflictingOperationInProgress
    125,   // CommandFailed: what mongos answers when its own call failed
    133,   // FailedToSatisfyReadPreference
    134,   // ReadConcernMajorityNotAvailableYet
    136,   // CappedPositionLost
    146,   // ExceededMemoryLimit
    150,   // StaleEpoch
    175,   // QueryPlanKilled
    189,   // PrimarySteppedDown
    202,   // NetworkInterfaceExceededTimeLimit
    225,   // TransactionTooOld
    237,   // CursorKilled
    246,   // SnapshotUnavailable
    251,   // NoSuchTransaction
    262,   // ExceededTimeLimit
    290,   // TransactionExceededLifetimeLimitSeconds
    391,   // ReauthenticationRequired
    462,   // IngressRequestRateLimitExceeded
    8000,  // AtlasError: a limit of the cluster's tier
    9001,  // SocketException
    10058, // LegacyNotPrimary
    10107, // NotWritablePrimary
    11600, // InterruptedAtShutdown
    11602, // InterruptedDueToReplStateChange
    13388, // StaleConfig
    13435, // NotPrimaryNoSecondaryOk
    13436, // NotPrimaryOrSecondary
    14031, // OutOfDiskSpace
];

const INFRASTRUCTURE_LABELS: [&str; 4] =
    [RETRYABLE_WRITE_ERROR, TRANSIENT_TRANSACTION_ERROR, SYSTEM_OVERLOADED_ERROR, RETRYABLE_ERROR];

/// Whether the installation is at fault, and not the command or the event: then it is right to try the same again, for
/// ever. The command may have been executed all the same.
pub fn is_transient(error: &Error) -> bool {
    INFRASTRUCTURE_LABELS.iter().any(|label| error.contains_label(label)) || is_infrastructure(&error.kind)
}

fn is_infrastructure(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::Io(_)
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::DnsResolve { .. }
        // A reply that makes no sense came from something that is not the server we know: another try reaches it.
        | ErrorKind::InvalidResponse { .. }
        | ErrorKind::Internal { .. }
        // Faults of the installation; whoever heals them expects the service to go on by itself.
        | ErrorKind::Authentication { .. }
        | ErrorKind::InvalidTlsConfig { .. }
        | ErrorKind::IncompatibleServer { .. }
        | ErrorKind::SessionsNotSupported => true,
        ErrorKind::Command(error) => is_infrastructure_code(error.code),
        ErrorKind::Write(failure) => write(failure),
        ErrorKind::InsertMany(error) => insert_many(error),
        ErrorKind::BulkWrite(error) => bulk_write(error),
        // The data or the code is at fault: the same again fails again.
        ErrorKind::InvalidArgument { .. }
        | ErrorKind::BsonDeserialization(_)
        | ErrorKind::BsonSerialization(_)
        | ErrorKind::Bson(_)
        | ErrorKind::GridFs(_)
        | ErrorKind::Transaction { .. }
        | ErrorKind::MissingResumeToken
        | ErrorKind::Custom(_)
        | ErrorKind::Shutdown => false,
        // Kinds that a later driver adds (the enum is non-exhaustive): not known to heal by themselves.
        _ => false,
    }
}

fn is_infrastructure_code(code: i32) -> bool {
    INFRASTRUCTURE_CODES.contains(&code)
}

/// A write concern that was not met: written, and not known to be on a majority.
fn write(failure: &WriteFailure) -> bool {
    if let WriteFailure::WriteError(error) = failure { is_infrastructure_code(error.code) } else { true }
}

/// One item that the data is guilty of makes the whole call so: sending it again cannot succeed.
fn insert_many(error: &InsertManyError) -> bool {
    error.write_errors.iter().flatten().all(|item| is_infrastructure_code(item.code))
}

fn bulk_write(error: &BulkWriteError) -> bool {
    error.write_errors.values().all(|item| is_infrastructure_code(item.code))
}

#[cfg(test)]
mod tests {
    use std::io;

    use bson::doc;
    use mongodb::error::{CommandError, Error, ErrorKind, WriteConcernError, WriteError, WriteFailure};

    use super::{INFRASTRUCTURE_CODES, is_transient};

    fn command(code: i32) -> Error {
        let error: CommandError = bson::deserialize_from_document(doc! { "code": code, "errmsg": "" }).unwrap();
        ErrorKind::Command(error).into()
    }

    fn write(code: i32) -> Error {
        let error: WriteError = bson::deserialize_from_document(doc! { "code": code, "errmsg": "" }).unwrap();
        ErrorKind::Write(WriteFailure::WriteError(error)).into()
    }

    #[test]
    fn the_network_and_elections_are_infrastructure() {
        assert!(is_transient(&ErrorKind::from(io::ErrorKind::ConnectionReset).into()));
        for code in [91, 189, 10107, 11600, 13435] {
            assert!(is_transient(&command(code)), "{code}");
        }
    }

    #[test]
    fn a_write_concern_that_was_not_met_is_infrastructure() {
        let error: WriteConcernError = bson::deserialize_from_document(doc! { "code": 64, "errmsg": "" }).unwrap();
        assert!(is_transient(&ErrorKind::Write(WriteFailure::WriteConcernError(error)).into()));
    }

    #[test]
    fn what_the_data_causes_is_not() {
        // DuplicateKey, DocumentValidationFailure, BSONObjectTooLarge, BadValue, FailedToParse, DollarPrefixedFieldName
        for code in [11000, 121, 10334, 2, 9, 52] {
            assert!(!is_transient(&command(code)), "{code}");
            assert!(!is_transient(&write(code)), "{code}");
        }
        assert!(!is_transient(&Error::custom("mine")));
    }

    #[test]
    fn the_table_is_sorted_so_that_a_code_is_found_and_stands_there_once() {
        assert!(INFRASTRUCTURE_CODES.is_sorted_by(|a, b| a < b));
    }
}
