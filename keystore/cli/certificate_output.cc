// The file of a certificate that the CA issues. Runs with the rights of the admin of the CA's host.
#include "keystore/cli/certificate_output.h"

#include "keystore/base/fd.h"
#include "keystore/base/input_file.h"
#include "keystore/ca/authority.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

/// The record of what is in the file, if the CA issued it.
std::optional<IssuedCertificate> issued_in(const Keystore& keystore, const std::string& path) {
  const auto text = read_input_text(path, kMaxKeyFile);
  const auto there = text ? parse_certificates(*text)
                          : Result<std::vector<Certificate>>(tl::unexpected(text.error()));
  const auto index = ca_index(keystore);
  if (!there || there->empty() || !index) return std::nullopt;
  const auto serial = serial_of(there->front().get());
  const IssuedCertificate* const record = serial ? index->find(*serial) : nullptr;
  return record == nullptr ? std::nullopt : std::optional(*record);
}

/// Whether what is there was issued for the holder of a certificate that was superseded.
bool renews(const Keystore& keystore, const IssuedCertificate& there, const std::string& serial) {
  const auto index = ca_index(keystore);
  const IssuedCertificate* const old = index ? index->find(serial) : nullptr;
  return old != nullptr && old->reason == "superseded" && there.serial != serial &&
         there.revoked_at == 0 && there.from >= old->from && there.profile == old->profile &&
         there.name == old->name && there.subject == old->subject && there.names == old->names;
}

}  // namespace

Status CertificateFile::stage(const std::string& pem) {
  if (path_ == "-") return {};
  SG_TRY(OutputFile staged, OutputFile::stage(path_, as_bytes(pem), 0644, force_));
  file_.emplace(std::move(staged));
  return {};
}

Status CertificateFile::publish() {
  if (!file_) return {};
  SG_CHECK(file_->publish());
  file_->keep();
  return {};
}

Status check_not_done(const Keystore& keystore, const std::string& path,
                      const std::string& superseded) {
  if (superseded.empty()) return {};
  const auto there = issued_in(keystore, path);
  if (!there || !renews(keystore, *there, superseded)) return {};
  return fail(Code::exists,
              "it is done already: " + path + " is certificate " + there->serial +
                  ", which renews " + superseded + ", and that is revoked",
              "see it with sifctl ca show " + there->serial);
}

Status check_none_yet(const Keystore& keystore, const std::string& path,
                      const std::string& superseded) {
  const Status absent = check_absent(path);
  if (absent) return absent;
  const auto there = issued_in(keystore, path);
  if (!there) return absent;
  SG_CHECK(check_not_done(keystore, path, superseded));
  return fail(Code::exists,
              path + " exists already: it is certificate " + there->serial + " of this CA, for " +
                  there->name,
              "issue another under another name, or overwrite it with --force");
}

}  // namespace sifguard
