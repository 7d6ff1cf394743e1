// Examining an image's bytes: structure, groups, statements and digests. Sandboxed verifier.
#include "helper/verify/sandbox/verifier.h"

#include "helper/sif/image.h"
#include "helper/verify/sandbox/image_groups.h"
#include "helper/verify/sandbox/oci_facts.h"
#include "helper/verify/sandbox/signature_object.h"
#include "helper/verify/sandbox/statement_check.h"

namespace sifguard {
namespace {

/// Bounds what is reported, and what root will hold: an envelope repeats its statement.
class Budget {
 public:
  Status spend(std::size_t signatures, std::size_t bytes) {
    signatures_ += signatures;
    bytes_ += bytes;
    if (signatures_ <= kMaxSignatures && bytes_ <= kMaxSignatureBytes) return {};
    return fail(Code::refused, "the image has more than " + std::to_string(kMaxSignatures) +
                                   " signatures, or more than " +
                                   std::to_string(kMaxSignatureBytes) + " bytes of them");
  }

 private:
  std::size_t signatures_ = 0;
  std::size_t bytes_ = 0;
};

Result<std::vector<SignatureCandidate>> read_signatures(int fd, const sif::Image& image) {
  std::vector<SignatureCandidate> candidates;
  Budget objects;
  Budget reports;
  for (const sif::Descriptor& object : image.objects) {
    if (object.type != sif::DataType::signature) continue;
    SG_CHECK(objects.spend(1, object.size));
    SG_TRY(SignatureCandidate candidate, read_signature_object(fd, object));
    const std::size_t copies = 1 + candidate.others.size();
    SG_CHECK(reports.spend(copies, copies * candidate.report.signed_text.size()));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

/// One report for each signature: those of one envelope differ in signature and key alone.
void append_reports(SignatureCandidate candidate, std::vector<SignatureReport>& reports) {
  const std::size_t first = reports.size();
  const bool compared = candidate.statement.has_value();
  reports.push_back(std::move(candidate.report));
  if (!compared) return;
  for (DsseSignature& other : candidate.others) {
    SignatureReport report = reports[first];
    report.signature = std::move(other.signature);
    report.key_hint = std::move(other.key_hint);
    reports.push_back(std::move(report));
  }
}

}  // namespace

Result<VerifierReport> verify_image(int fd, Workers* workers, std::uint64_t* progress) {
  SG_TRY(const sif::Image image, sif::read_image(fd));
  const Groups groups = find_groups(image);
  VerifierReport report;
  describe_structure(image, groups, report);
  StatementCheck check(image, groups);
  if (sif::has_oci_objects(image)) {
    SG_TRY(sif::OciImage oci, sif::read_oci_image(fd, image));
    describe_oci(image, std::move(oci), report);
    hash_blobs(image, check);
  }
  SG_TRY(auto candidates, read_signatures(fd, image));
  for (SignatureCandidate& candidate : candidates) check.add(candidate);
  SG_CHECK(check.hash(fd, workers, progress));
  if (report.oci) SG_CHECK(check_blobs(image, check));
  for (SignatureCandidate& candidate : candidates) {
    SG_CHECK(check.compare(candidate));
    append_reports(std::move(candidate), report.signatures);
  }
  return report;
}

}  // namespace sifguard
