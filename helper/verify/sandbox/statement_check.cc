// Holding what signatures state against the image. Sandboxed verifier.
#include "helper/verify/sandbox/statement_check.h"

#include <algorithm>
#include <optional>

namespace sifguard {
namespace {

using sif::DataType;
using sif::Descriptor;
using sif::Link;

void make_malformed(SignatureCandidate& candidate, std::string note) {
  SignatureReport& report = candidate.report;
  candidate.statement.reset();
  candidate.legacy.reset();
  report.statement = StatementStatus::malformed;
  report.note = std::move(note);
  report.signed_text.clear();
  report.signature.clear();
  report.key_hint.clear();
}

/// The object that an entry of a statement speaks about, if the group has it.
std::optional<std::size_t> resolve(const Group& group, const ObjectStatement& entry) {
  const auto found = group.objects.find(group.lowest_id + entry.relative_id);
  if (found == group.objects.end()) return std::nullopt;
  return found->second;
}

void conclude(SignatureReport& report) {
  std::sort(report.covered.begin(), report.covered.end());
  const bool fits = report.note.empty() && !report.covered.empty();
  report.statement = fits ? StatementStatus::fits : StatementStatus::does_not_fit;
}

}  // namespace

StatementCheck::StatementCheck(const sif::Image& image, const Groups& groups)
    : image_(image), groups_(groups), requests_(image.objects.size()) {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    requests_[i].offset = image.objects[i].offset;
    requests_[i].size = image.objects[i].size;
  }
}

void StatementCheck::add(SignatureCandidate& candidate) {
  if (!candidate.statement && !candidate.legacy) return;
  if (candidate.legacy && candidate.link.kind == Link::Kind::object) {
    const auto object =
        std::find_if(image_.objects.begin(), image_.objects.end(), [&](const Descriptor& one) {
          return one.id == candidate.link.id && one.type != DataType::signature && one.group != 0;
        });
    if (object == image_.objects.end()) {
      return make_malformed(candidate, "it is linked to object " +
                                           std::to_string(candidate.link.id) +
                                           ", which is missing, a signature, or in no group");
    }
    candidate.object = static_cast<std::size_t>(object - image_.objects.begin());
    candidate.report.group_id = object->group;
  }
  const auto group = groups_.find(candidate.report.group_id);
  if (group == groups_.end()) {
    return make_malformed(candidate, "it is linked to group " +
                                         std::to_string(candidate.report.group_id) +
                                         ", which has no objects");
  }
  if (candidate.legacy) {
    add_legacy(candidate, group->second);
  } else {
    add_current(candidate, group->second);
  }
}

void StatementCheck::add_current(const SignatureCandidate& candidate, const Group& group) {
  for (const ObjectStatement& entry : candidate.statement->objects) {
    const auto index = resolve(group, entry);
    if (index) want(*index, entry.object.algorithm);
  }
}

/// Writers hashed the objects in the order of the table, signatures of objects among them where
/// such had been made before; a group may also have been signed before its objects were.
void StatementCheck::add_legacy(SignatureCandidate& candidate, const Group& group) {
  const DigestAlgorithm algorithm = candidate.legacy->algorithm;
  if (candidate.object) {
    want(*candidate.object, algorithm);
    return;
  }
  HashChain objects{algorithm, {}, {}};
  HashChain everything{algorithm, {}, {}};
  for (const auto& [id, index] : group.objects) {
    const bool is_signature = image_.objects[index].type == DataType::signature;
    if (!is_signature) objects.requests.push_back(index);
    if (id != candidate.report.object_id) everything.requests.push_back(index);
  }
  for (HashChain* chain : {&objects, &everything}) {
    if (chain == &everything && everything.requests == objects.requests) break;
    std::sort(chain->requests.begin(), chain->requests.end());
    candidate.chains.push_back(chains_.size());
    chains_.push_back(std::move(*chain));
  }
}

void StatementCheck::want(std::size_t object, DigestAlgorithm algorithm) {
  requests_[object].wanted[static_cast<std::size_t>(algorithm)] = true;
}

const std::optional<Digest>& StatementCheck::found(std::size_t object,
                                                   DigestAlgorithm algorithm) const {
  return requests_[object].found[static_cast<std::size_t>(algorithm)];
}

Status StatementCheck::hash(int fd, Workers* workers, std::uint64_t* progress) {
  return hash_objects(fd, requests_, chains_, workers, progress);
}

Status StatementCheck::compare(SignatureCandidate& candidate) const {
  if (!candidate.statement && !candidate.legacy) return {};
  const Group& group = groups_.at(candidate.report.group_id);
  if (candidate.statement) return compare_current(candidate, group);
  compare_legacy(candidate, group);
  return {};
}

/// What does not fit about one entry; empty when all of it does.
Result<std::string> StatementCheck::misfit(const Group& group, const ObjectStatement& entry) const {
  const auto index = resolve(group, entry);
  if (!index) {
    return "object " + std::to_string(entry.relative_id) + " of the signed group is missing";
  }
  const Descriptor& object = image_.objects[*index];
  SG_TRY(const Digest descriptor,
         descriptor_digest(object, entry.relative_id, entry.descriptor.algorithm));
  if (descriptor != entry.descriptor) {
    return "the descriptor of " + object.shown() + " was changed after signing";
  }
  const auto& data = found(*index, entry.object.algorithm);
  if (!data || *data != entry.object) return object.shown() + " was changed after signing";
  return std::string();
}

Status StatementCheck::compare_current(SignatureCandidate& candidate, const Group& group) const {
  SignatureReport& report = candidate.report;
  for (const ObjectStatement& entry : candidate.statement->objects) {
    SG_TRY(std::string problem, misfit(group, entry));
    if (!problem.empty()) {
      if (report.note.empty()) report.note = std::move(problem);
      continue;
    }
    const Descriptor& object = image_.objects[*resolve(group, entry)];
    if (object.type != DataType::signature) report.covered.push_back(object.id);
  }
  const Digest& claimed = candidate.statement->header;
  SG_TRY(const Digest header, header_digest(image_.header, claimed.algorithm));
  report.header_fits = header == claimed;
  if (!report.header_fits) {
    report.note =
        "the header or launch script was changed after signing, or the signature is of "
        "another image";
  }
  conclude(report);
  return {};
}

void StatementCheck::compare_legacy(SignatureCandidate& candidate, const Group& group) const {
  SignatureReport& report = candidate.report;
  const Digest& claimed = *candidate.legacy;
  if (candidate.object) {
    const Descriptor& object = image_.objects[*candidate.object];
    if (found(*candidate.object, claimed.algorithm) == claimed) {
      report.covered = {object.id};
    } else {
      report.note = object.shown() + " was changed after signing";
    }
    return conclude(report);
  }
  const bool fits =
      std::any_of(candidate.chains.begin(), candidate.chains.end(),
                  [&](const std::size_t chain) { return chains_[chain].found == claimed; });
  if (fits) {
    for (const auto& [id, index] : group.objects) {
      if (image_.objects[index].type != DataType::signature) report.covered.push_back(id);
    }
  } else {
    report.note = "some object of group " + std::to_string(report.group_id) +
                  " was changed, added or removed after signing";
  }
  conclude(report);
}

}  // namespace sifguard
