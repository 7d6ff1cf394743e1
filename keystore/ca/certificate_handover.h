// Delivers a certificate from the CA to the file that the admin named. Several steps act as one: a
// note, ca/handovers/SERIAL, exists from before the key's file and the index's record are written
// until the certificate's file is written. The owner of the keystore, on the CA's host.
//
// After an interruption the certificate is withdrawn if it is not in the index yet. If it is, the
// same command continues with that certificate, and other commands report it. A note is JSON.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "keystore/ca/ca_index.h"
#include "keystore/store/keystore.h"

namespace sifguard {

struct Handover {
  std::string serial = {};
  std::string certificate = {};  ///< absolute path of its file; "" for none
  std::string key = {};          ///< path of the file of the key that was made for it; "" for none
  std::string key_digest = {};   ///< SHA-256 of that file
  std::string request = {};      ///< SHA-256 of everything that the command asks for
};

/// What else happens when a new certificate is recorded in the index.
struct RecordOptions {
  /// The certificate that it replaces, as for find_certificate(); it is added to the index if
  /// missing.
  std::string renews = {};
  bool supersede = false;  ///< the replaced certificate is revoked
  Handover handover = {};  ///< without the serial number
  /// Writes the key's file, and the certificate (PEM) to where it can be published from. If it
  /// fails, nothing is recorded.
  std::function<Status(const std::string& pem)> stage = {};
  /// Writes the certificate's file; the key's file is kept whatever the result.
  std::function<Status()> publish = {};
};

/// Adds the record to the index and does what `options` says. A certificate of the intermediate CA
/// also becomes the one in use. Requires the keystore's lock. After an error nothing is recorded,
/// unless the message says that it is.
Status hand_over(const Keystore& keystore, CaIndex& index, const IssuedCertificate& record,
                 const std::string& pem, const RecordOptions& options);

struct FinishedHandover {
  IssuedCertificate record;
  std::string pem;
};
/// Continues a delivery in which the same command (paths and request) was interrupted. `put` writes
/// the certificate's file if it is missing. nullopt if there is no such delivery. If `check` fails,
/// nothing is changed.
[[nodiscard]] Result<std::optional<FinishedHandover>> finish_handover(
    const Keystore& keystore, const Handover& like,
    const std::function<Status(const std::string& pem)>& put,
    const std::function<Status()>& check = {});

/// Withdraws certificates that were not recorded, and removes the notes of those that are delivered
/// or revoked. A key's file that such a one had replaced is put back. Returns a line for each of
/// those, and for each certificate that is recorded but was not delivered.
[[nodiscard]] Result<std::vector<std::string>> settle_handovers(const Keystore& keystore);
/// Only returns these lines; changes nothing and requires no lock.
[[nodiscard]] Result<std::vector<std::string>> open_handovers(const Keystore& keystore);
/// Where all that is on its way has its files, or was to have them: absolute paths. Likewise.
[[nodiscard]] Result<std::vector<std::string>> handover_files(const Keystore& keystore);

}  // namespace sifguard
