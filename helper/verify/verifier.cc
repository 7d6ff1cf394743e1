// Examining an image's bytes: structure, groups, statements and digests. Sandboxed verifier.
#include "helper/verify/verifier.h"

#include <algorithm>
#include <map>

#include "helper/sif/image.h"
#include "helper/verify/metadata.h"
#include "helper/verify/parallel_hash.h"
#include "helper/verify/signature_object.h"

namespace sifguard {
namespace {

using sif::DataType;
using sif::Descriptor;

/// The objects that a group's relative ids count, and how far along the table each is.
struct Group {
  std::uint32_t lowest_id = UINT32_MAX;
  std::map<std::uint32_t, std::size_t> objects;  ///< id → index, legacy signatures included
};
using Groups = std::map<std::uint32_t, Group>;

Groups find_groups(const sif::Image& image) {
  Groups groups;
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const Descriptor& object = image.objects[i];
    if (object.group == 0) continue;
    Group& group = groups[object.group];
    group.lowest_id = std::min(group.lowest_id, object.id);
    group.objects.emplace(object.id, i);
  }
  return groups;
}

void describe_structure(const sif::Image& image, const Groups& groups, VerifierReport& report) {
  report.image_size = image.file_size;
  for (const auto& [id, group] : groups) {
    GroupFact fact;
    fact.id = id;
    for (const auto& [object, index] : group.objects) {
      if (image.objects[index].type != DataType::signature) fact.objects.push_back(object);
    }
    if (!fact.objects.empty()) report.groups.push_back(std::move(fact));
  }
  for (const Descriptor& object : image.objects) {
    if (object.group == 0 && object.type != DataType::signature) {
      report.ungrouped.push_back(object.id);
    }
  }
  std::sort(report.ungrouped.begin(), report.ungrouped.end());
  if (image.primary) {
    const Descriptor& primary = image.objects[*image.primary];
    report.primary_partition_id = primary.id;
    report.primary_fstype = static_cast<std::int32_t>(primary.partition->file_system);
    report.architecture = sif::architecture_name(primary.partition->arch_code);
  }
  if (image.crypto_message) {
    const Descriptor& message = image.objects[*image.crypto_message];
    report.message = CryptoMessageFact{message.offset, message.size};
  }
}

Result<std::vector<SignatureCandidate>> read_signatures(int fd, const sif::Image& image) {
  std::vector<SignatureCandidate> candidates;
  std::uint64_t total = 0;
  for (const Descriptor& object : image.objects) {
    if (object.type != DataType::signature) continue;
    total += object.size;
    if (candidates.size() == kMaxSignatures || total > kMaxSignatureBytes) {
      return fail(Code::refused, "the image has more than " + std::to_string(kMaxSignatures) +
                                     " signatures, or more than " +
                                     std::to_string(kMaxSignatureBytes) + " bytes of them");
    }
    SG_TRY(SignatureCandidate candidate, read_signature_object(fd, object));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

/// The object that an entry of a statement speaks about, if the group has it.
std::optional<std::size_t> resolve(const Group& group, const ObjectStatement& entry) {
  const auto found = group.objects.find(group.lowest_id + entry.relative_id);
  if (found == group.objects.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<HashRequest>> hash_wanted(int fd, const sif::Image& image, const Groups& groups,
                                             const std::vector<SignatureCandidate>& candidates,
                                             Workers* workers) {
  std::vector<HashRequest> requests(image.objects.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].offset = image.objects[i].offset;
    requests[i].size = image.objects[i].size;
  }
  for (const SignatureCandidate& candidate : candidates) {
    const auto group = groups.find(candidate.report.group_id);
    if (!candidate.statement || group == groups.end()) continue;
    for (const ObjectStatement& entry : candidate.statement->objects) {
      const auto index = resolve(group->second, entry);
      if (index) requests[*index].wanted[static_cast<std::size_t>(entry.object.algorithm)] = true;
    }
  }
  SG_CHECK(hash_objects(fd, requests, {}, workers));
  return requests;
}

/// What does not fit about one entry; empty when all of it does.
Result<std::string> misfit(const sif::Image& image, const Group& group,
                           const ObjectStatement& entry, const std::vector<HashRequest>& digests) {
  const auto index = resolve(group, entry);
  if (!index) {
    return "object " + std::to_string(entry.relative_id) + " of the signed group is missing";
  }
  const Descriptor& object = image.objects[*index];
  SG_TRY(const Digest descriptor,
         descriptor_digest(object, entry.relative_id, entry.descriptor.algorithm));
  if (descriptor != entry.descriptor) {
    return "the descriptor of " + object.shown() + " was changed after signing";
  }
  const auto& data = digests[*index].found[static_cast<std::size_t>(entry.object.algorithm)];
  if (!data || *data != entry.object) return object.shown() + " was changed after signing";
  return std::string();
}

Status compare(const sif::Image& image, const Groups& groups,
               const std::vector<HashRequest>& digests, SignatureCandidate& candidate) {
  SignatureReport& report = candidate.report;
  if (!candidate.statement) return {};
  const auto group = groups.find(report.group_id);
  if (group == groups.end()) {
    report.statement = StatementStatus::malformed;
    report.note = "it is linked to group " + std::to_string(report.group_id) + ", which is empty";
    report.signed_text.clear();
    report.signature.clear();
    return {};
  }
  for (const ObjectStatement& entry : candidate.statement->objects) {
    SG_TRY(std::string problem, misfit(image, group->second, entry, digests));
    if (!problem.empty()) {
      if (report.note.empty()) report.note = std::move(problem);
      continue;
    }
    const Descriptor& object = image.objects[*resolve(group->second, entry)];
    if (object.type != DataType::signature) report.covered.push_back(object.id);
  }
  std::sort(report.covered.begin(), report.covered.end());
  const Digest& claimed = candidate.statement->header;
  SG_TRY(const Digest header, header_digest(image.header, claimed.algorithm));
  report.header_fits = header == claimed;
  if (!report.header_fits) {
    report.note =
        "the header or launch script was changed after signing, or the signature is of "
        "another image";
  }
  const bool fits = report.note.empty() && !report.covered.empty();
  report.statement = fits ? StatementStatus::fits : StatementStatus::does_not_fit;
  return {};
}

}  // namespace

Result<VerifierReport> verify_image(int fd, Workers* workers) {
  SG_TRY(const sif::Image image, sif::read_image(fd));
  const Groups groups = find_groups(image);
  VerifierReport report;
  describe_structure(image, groups, report);
  SG_TRY(auto candidates, read_signatures(fd, image));
  SG_TRY(const auto digests, hash_wanted(fd, image, groups, candidates, workers));
  for (SignatureCandidate& candidate : candidates) {
    SG_CHECK(compare(image, groups, digests, candidate));
    report.signatures.push_back(std::move(candidate.report));
  }
  return report;
}

}  // namespace sifguard
