// Judging one certificate of make-pki by some of its other files. Tests only.
#pragma once

#include <gmock/gmock.h>

#include <array>

#include "keystore/x509/certificate_check.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard::test {

struct Given {
  std::vector<std::string> roots = {"root"};
  std::vector<std::string> intermediates = {"inter"};
  Revocation revocation = Revocation::off;
  std::vector<std::string> crls = {};
  std::vector<std::string> ocsp = {};
  std::int64_t later = 0;  ///< seconds after everything was made
};

inline std::vector<std::string> pems(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) all.push_back(pem(name));
  return all;
}

inline std::vector<std::string> files(const std::vector<std::string>& names,
                                      const std::string& ending) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    all.push_back(name.find('/') == 0 ? read_file(name) : pki_file(name + ending));
  }
  return all;
}

inline JudgedCertificate judge_pem(const std::string& certificate, const Given& given) {
  auto anchors = TrustAnchors::parse(pems(given.roots), pems(given.intermediates));
  if (!anchors) {
    ADD_FAILURE() << anchors.error().line();
    return {};
  }
  const CertificateRules rules = {*std::move(anchors), CrlSet::parse(files(given.crls, ".crl")),
                                  OcspSet::parse(files(given.ocsp, ".ocsp")), given.revocation,
                                  made_at() + given.later};
  auto judged = check_certificate(certificate, rules);
  if (!judged) {
    ADD_FAILURE() << judged.error().line();
    return {};
  }
  return *judged;
}

inline CertificateVerdict verdict_of(const std::string& name, const Given& given = {}) {
  return judge_pem(pem(name), given).verdict;
}

inline std::string status_name(CertificateStatus status) {
  constexpr std::array kNames = {"",          "good",        "expired", "not_yet_valid",
                                 "untrusted", "wrong_usage", "revoked", "revocation_unknown",
                                 "weak",      "malformed"};
  return kNames.at(static_cast<std::size_t>(status));
}

/// "good", or the status and why.
inline std::string outcome(const std::string& name, const Given& given = {}) {
  const CertificateVerdict verdict = verdict_of(name, given);
  EXPECT_EQ(verdict.status == CertificateStatus::good, verdict.note.empty());
  EXPECT_EQ(verdict.status == CertificateStatus::good, verdict.valid_until > 0);
  return status_name(verdict.status) + (verdict.note.empty() ? "" : ": " + verdict.note);
}

}  // namespace sifguard::test
