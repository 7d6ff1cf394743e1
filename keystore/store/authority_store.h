// Storage of a certification authority: its certificates and private keys, and the index of what it
// issued. The owner of the keystore in `sifctl`; nodes have none of this. keystore/ca interprets
// the bytes.
//
// Layout: ca/authorities/NAME/{meta.json,cert.pem,private.key}, ca/certificates/SERIAL,
// ca/index.json, ca/handovers/SERIAL; ca/unfinished exists from before the first of them until the
// index exists. If there is neither an index nor that mark, something was lost; nothing is ever
// deleted because of that. A private key (or the URI of a key in a token) is an envelope
// (envelope.h) under the store key, bound to the meta.json beside it, which names the authority and
// the digest of its certificate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/store/store_keys.h"

namespace sifguard {

/// Their names in an archive of the keystore (archive.h).
inline constexpr std::string_view kCaIndexFile = "ca/index.json";
inline constexpr std::string_view kCaAuthorities = "ca/authorities/";    ///< then NAME/…
inline constexpr std::string_view kCaCertificates = "ca/certificates/";  ///< then SERIAL

struct AuthorityEntry {
  std::string name;  ///< is_name()
  std::string certificate_pem;
  SecretBytes private_key;  ///< PKCS#8 PEM, or the PKCS#11 URI of a key in a token
};

/// The text of the meta.json beside a private key, to which the key's envelope is bound.
[[nodiscard]] Result<std::string> authority_meta(const std::string& name,
                                                 const std::string& certificate);

/// Sorted; empty if there never was a CA. Errors: Code::config.
[[nodiscard]] Result<std::vector<std::string>> authority_names(const Keystore& keystore);
/// Errors: Code::config, also for a private key that does not belong to the certificate beside it.
[[nodiscard]] Result<AuthorityEntry> read_authority(const Keystore& keystore,
                                                    const std::string& name);
/// Without the private key, and without opening it.
[[nodiscard]] Result<std::string> read_authority_certificate(const Keystore& keystore,
                                                             const std::string& name);
/// This and the functions below that write require the keystore's lock. Makes the entry or replaces
/// it.
Status write_authority(const Keystore& keystore, const AuthorityEntry& entry);

/// The state of the CA's files.
enum class CaPlace {
  free,        ///< nothing
  unfinished,  ///< from an init or a restore that did not finish
  damaged,     ///< keys or certificates of a CA, and no index
  whole,       ///< an index, at least
};
[[nodiscard]] Result<CaPlace> ca_place(const Keystore& keystore);
/// The error for callers that need a CA: it says whether there is none, or a damaged one, and what
/// to do.
[[nodiscard]] tl::unexpected<Error> no_ca(const Keystore& keystore);
/// Marks a new CA as unfinished, until write_ca_index(). Files of an earlier unfinished CA are set
/// aside. Errors: Code::config if there is anything else of a CA.
Status begin_ca(const Keystore& keystore);
/// Moves an authority that cannot be opened to a place beside the keystore, to make room for
/// another.
Status set_authority_aside(const Keystore& keystore, const std::string& name);
/// The same for an index that cannot be read. Returns its new path.
[[nodiscard]] Result<std::string> set_ca_index_aside(const Keystore& keystore);

/// Largest index: some hundred thousand certificates.
inline constexpr std::size_t kMaxCaIndex = 128UL * 1024 * 1024;
/// nullopt if there never was a CA. Errors: Code::config.
[[nodiscard]] Result<std::optional<std::string>> read_ca_index(const Keystore& keystore);
/// Writes the index and ends what begin_ca() began.
Status write_ca_index(const Keystore& keystore, std::string_view text);
/// "…/ca/index.json", for messages.
[[nodiscard]] std::string ca_index_path(const Keystore& keystore);

/// `serial`: lower-case hexadecimal. Errors: Code::config.
[[nodiscard]] Result<std::string> read_ca_certificate(const Keystore& keystore,
                                                      const std::string& serial);
[[nodiscard]] bool has_ca_certificate(const Keystore& keystore, const std::string& serial) noexcept;
Status write_ca_certificate(const Keystore& keystore, const std::string& serial,
                            std::string_view pem);
/// Its absence is success.
Status remove_ca_certificate(const Keystore& keystore, const std::string& serial);

/// The serial numbers of certificates that are being delivered (ca/certificate_handover.h), sorted;
/// each has a note.
[[nodiscard]] Result<std::vector<std::string>> handover_serials(const Keystore& keystore);
[[nodiscard]] Result<std::string> read_handover(const Keystore& keystore,
                                                const std::string& serial);
/// This and remove_handover() require the keystore's lock.
Status write_handover(const Keystore& keystore, const std::string& serial, std::string_view text);
/// Its absence is success.
Status remove_handover(const Keystore& keystore, const std::string& serial);

/// For Keystore::reseal(). check_authorities(): checks that every private key opens.
/// reseal_authorities(): seals each under the current store key and returns how many there are.
Status check_authorities(const Keystore& keystore, StoreKeys& store_keys);
[[nodiscard]] Result<std::size_t> reseal_authorities(const Keystore& keystore,
                                                     StoreKeys& store_keys);

}  // namespace sifguard
