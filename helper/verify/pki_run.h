// Asks `sifguard-pki` about signatures of raw keys, and about certificates. Root helper, or the
// user's own tool; the bytes are parsed in the sandbox only.
#pragma once

#include <span>

#include "helper/verify/examine.h"
#include "helper/verify/wire/pki_wire.h"

namespace sifguard {

/// As many verdicts as the request has pairs and certificates. Errors: those of examine_image().
[[nodiscard]] Result<PkiAnswer> run_pki(const PkiRequest& request, const ExamineOptions& options);

/// Adds to each good signature of a raw key the names that good certificates give to that key. If a
/// certificate is not good, the signature's note says why.
void add_certified_names(ImageFacts& facts, std::span<const CertificateVerdict> certificates);

}  // namespace sifguard
