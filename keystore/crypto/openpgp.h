// OpenPGP keys and detached signatures, through GPGME and the system's gpg. The caller chooses the
// process: `sifctl` on the admin's host, an unprivileged sandbox on nodes. Never in the helper.
//
// Every session has a private home of its own that holds only the keys given to it: no user
// configuration, no other trust database, no key retrieval, no agent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// A primary key or one of its subkeys.
struct OpenPgpSubkey {
  std::string fingerprint;   ///< 40 upper-case hexadecimal digits
  std::int64_t created = 0;  ///< Unix seconds
  std::int64_t expires = 0;  ///< Unix seconds, 0 = never
  bool revoked = false;
  bool expired = false;
  bool can_sign = false;  ///< made for signatures, whether or not they count now

  [[nodiscard]] bool signs_now() const noexcept { return can_sign && !revoked && !expired; }
  bool operator==(const OpenPgpSubkey&) const = default;
};

/// One certificate (primary key with user ids and subkeys) as gpg reads it.
struct OpenPgpKey {
  std::string fingerprint;   ///< primary, 40 upper-case hexadecimal digits (v4)
  std::string user_id;       ///< first user id, as in the key; apply printable() before showing it
  std::string algorithm;     ///< "rsa4096", "ed25519", …
  std::int64_t created = 0;  ///< Unix seconds
  std::int64_t expires = 0;  ///< Unix seconds, 0 = never
  bool revoked = false;
  bool expired = false;
  bool secret = false;                    ///< the data holds private key material
  std::vector<OpenPgpSubkey> parts = {};  ///< the primary key first
};

/// Clocks differ by minutes; a signature that is dated further ahead does not count yet.
inline constexpr std::int64_t kOpenPgpClockSkew = 300;  // seconds

enum class PgpStatus : std::uint8_t {
  good = 1,         ///< cryptographically good, key and signature unexpired and unrevoked
  bad = 2,          ///< the signature does not match the data
  unknown_key = 3,  ///< no given key made it
  key_expired = 4,  ///< the primary key
  signature_expired = 5,
  key_revoked = 6,  ///< the primary key
  weak_hash = 7,    ///< neither SHA-256, SHA-384 nor SHA-512, or a DSA/short RSA key
  malformed = 8,    ///< not exactly one detached signature
  error = 9,
  subkey_expired = 10,
  subkey_revoked = 11,
  before_its_key = 12,  ///< its date is before the creation of the key that made it
};
inline constexpr auto kLastPgpStatus = PgpStatus::before_its_key;

/// What gpg says about one signature. Identity is `primary`, never anything the image claims.
struct PgpVerdict {
  PgpStatus status = PgpStatus::error;
  std::string primary;    ///< fingerprint of the primary key; empty unless a given key made it
  std::string signer;     ///< fingerprint of the key or subkey that signed
  std::string hash;       ///< "sha256", …
  std::int64_t made = 0;  ///< Unix seconds
  /// The time at which it expired; else the earliest of the times of key, subkey and signature; 0 =
  /// never.
  std::int64_t expires = 0;
  // `good` does not exclude a date in the future: the caller compares `made` with a clock
  // (kOpenPgpClockSkew).
};

class OpenPgpSession {
 public:
  /// `home` is an existing, empty, private, writable directory; `gpg` an absolute path.
  /// Errors: Code::unavailable when gpg is missing or cannot run. This and all functions below
  /// return Code::temporary when the node lacks processes or memory.
  [[nodiscard]] static Result<OpenPgpSession> open(const std::string& home,
                                                   const std::string& gpg = "/usr/bin/gpg");
  OpenPgpSession(OpenPgpSession&&) noexcept;
  OpenPgpSession& operator=(OpenPgpSession&&) noexcept;
  ~OpenPgpSession();

  /// Lists the keys in armored or binary `data` without importing them; at most 1 MiB. Here and in
  /// import(), self-signatures dated ahead of the clock by more than kOpenPgpClockSkew are left out
  /// (openpgp_block.h). Errors: Code::refused when there is no key.
  [[nodiscard]] Result<std::vector<OpenPgpKey>> inspect(std::string_view data);
  /// Imports public keys and merges them with those of the session, as gpg does: nothing is lost,
  /// the newest self-signature counts, and a revocation stays. Signatures of others on a key are
  /// left out. Data with secret keys is refused.
  Status import(std::string_view data);
  /// Imports a revocation certificate, as gpg makes it, for a key of the session. An invalid one
  /// changes nothing, so the caller must check the key. Errors: Code::refused.
  Status import_revocation(std::string_view data);
  /// The key with this primary fingerprint, armored, in the form to be stored: with all its
  /// self-signatures, and with expired and revoked subkeys.
  [[nodiscard]] Result<std::string> export_armored(const std::string& fingerprint);
  /// Verifies one detached signature (armored or binary, class 0x00 or 0x01) over `data`.
  [[nodiscard]] Result<PgpVerdict> verify_detached(std::string_view data,
                                                   std::string_view signature);

 private:
  struct State;
  explicit OpenPgpSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sifguard
