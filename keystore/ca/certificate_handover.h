// A certificate on its way from the CA to the file of whoever asked for it, as one step of several:
// a note of it, ca/handovers/SERIAL, is there from before the key has its file and the index its
// record until the certificate has its file. The owner of the keystore, on the CA's host.
//
// What was interrupted is withdrawn where the index knows nothing of it yet; where it does, the
// same command goes on with that certificate, and any other tells of it. A note is JSON.
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
  std::string key = {};          ///< of the file of the key made for it; "" for none
  std::string key_digest = {};   ///< SHA-256 of that file
  std::string request = {};      ///< SHA-256 of all that the command asks for
};

/// What else becomes of a new certificate, in the moment in which the index knows of it.
struct RecordOptions {
  /// What it takes the place of, as for find_certificate(): taken up where the index has lost it.
  std::string renews = {};
  bool supersede = false;  ///< and is revoked
  Handover handover = {};  ///< but for the serial number
  /// Puts the key in place, and the certificate, PEM, where it can be published: where that fails
  /// nothing is recorded.
  std::function<Status(const std::string& pem)> stage = {};
  /// Puts the certificate in place, and keeps the key's file whatever comes of it.
  std::function<Status()> publish = {};
};

/// Adds the record to the index and does all that `options` says. An intermediate CA's certificate
/// is put in charge, too. Wants the lock. Errors: nothing is recorded, or the message says so.
Status hand_over(const Keystore& keystore, CaIndex& index, const IssuedCertificate& record,
                 const std::string& pem, const RecordOptions& options);

struct FinishedHandover {
  IssuedCertificate record;
  std::string pem;
};
/// Goes on with what the same command (paths and request) was interrupted in. `put` puts the
/// certificate in place, where it is not there already. nullopt if there is no such thing.
[[nodiscard]] Result<std::optional<FinishedHandover>> finish_handover(
    const Keystore& keystore, const Handover& like,
    const std::function<Status(const std::string& pem)>& put);

/// Withdraws what was not recorded, forgets what is done or revoked by now. Gives a line for each
/// certificate that is recorded and that nobody got.
[[nodiscard]] Result<std::vector<std::string>> settle_handovers(const Keystore& keystore);
/// These lines alone; changes nothing and wants no lock.
[[nodiscard]] Result<std::vector<std::string>> open_handovers(const Keystore& keystore);

}  // namespace sifguard
