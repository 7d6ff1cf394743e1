// What a certification authority keeps: its certificates and private keys, the index of what it
// issued. The owner of the keystore in `sifctl`; nodes have none of this. The bytes get their
// meaning in keystore/ca.
//
// Layout: ca/authorities/NAME/{meta.json,cert.pem,private.key}, ca/certificates/SERIAL,
// ca/index.json, ca/handovers/SERIAL; ca/unfinished from before the first of them until the index
// is there. Without an index and without that mark, something was lost: nothing here is ever
// deleted for it. A private key, or where it is, is an envelope (envelope.h) under the store key,
// bound to the meta.json beside it, which names the authority and the digest of its certificate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"
#include "keystore/store/store_keys.h"

namespace sifguard {

/// Where an archive of the keystore (archive.h) has them.
inline constexpr std::string_view kCaIndexFile = "ca/index.json";
inline constexpr std::string_view kCaAuthorities = "ca/authorities/";    ///< then NAME/…
inline constexpr std::string_view kCaCertificates = "ca/certificates/";  ///< then SERIAL

struct AuthorityEntry {
  std::string name;  ///< is_name()
  std::string certificate_pem;
  SecretBytes private_key;  ///< PKCS#8 PEM, or the PKCS#11 URI of a key in a token
};

/// The text of the meta.yaml beside a private key: what the key's envelope is bound to.
[[nodiscard]] Result<std::string> authority_meta(const std::string& name,
                                                 const std::string& certificate);

/// Sorted; none where there never was a CA. Errors: Code::config.
[[nodiscard]] Result<std::vector<std::string>> authority_names(const Keystore& keystore);
/// Errors: Code::config, also for a private key that does not belong to the certificate beside it.
[[nodiscard]] Result<AuthorityEntry> read_authority(const Keystore& keystore,
                                                    const std::string& name);
/// Without the private key, and without opening it.
[[nodiscard]] Result<std::string> read_authority_certificate(const Keystore& keystore,
                                                             const std::string& name);
/// What follows wants the lock held. Makes the entry or replaces it.
Status write_authority(const Keystore& keystore, const AuthorityEntry& entry);

/// What there is of a CA.
enum class CaPlace {
  free,        ///< nothing
  unfinished,  ///< of an init or a restore that did not come to its end
  damaged,     ///< keys or certificates of a CA, and no index
  whole,       ///< an index, at least
};
[[nodiscard]] Result<CaPlace> ca_place(const Keystore& keystore);
/// The error for who wants a CA: whether there is none, or one that was damaged, and what to do.
[[nodiscard]] tl::unexpected<Error> no_ca(const Keystore& keystore);
/// Marks a new CA as unfinished, which write_ca_index() ends; what an unfinished one left is set
/// aside. Errors: Code::config over anything else.
Status begin_ca(const Keystore& keystore);
/// Moves an authority that does not open beside the keystore, to make room for another.
Status set_authority_aside(const Keystore& keystore, const std::string& name);
/// The same of an index that cannot be read. Gives where it is now.
[[nodiscard]] Result<std::string> set_ca_index_aside(const Keystore& keystore);

/// Largest index: some hundred thousand certificates.
inline constexpr std::size_t kMaxCaIndex = 128UL * 1024 * 1024;
/// nullopt where there never was a CA. Errors: Code::config.
[[nodiscard]] Result<std::optional<std::string>> read_ca_index(const Keystore& keystore);
/// Ends what begin_ca() began.
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

/// Notes of what is being handed over (ca/certificate_handover.h), each by the serial number:
/// sorted.
[[nodiscard]] Result<std::vector<std::string>> handover_serials(const Keystore& keystore);
[[nodiscard]] Result<std::string> read_handover(const Keystore& keystore,
                                                const std::string& serial);
/// What follows wants the lock held.
Status write_handover(const Keystore& keystore, const std::string& serial, std::string_view text);
/// Its absence is success.
Status remove_handover(const Keystore& keystore, const std::string& serial);

/// For Keystore::reseal(): that every private key opens; and each under the current store key, with
/// how many there are.
Status check_authorities(const Keystore& keystore, StoreKeys& store_keys);
[[nodiscard]] Result<std::size_t> reseal_authorities(const Keystore& keystore,
                                                     StoreKeys& store_keys);

}  // namespace sifguard
