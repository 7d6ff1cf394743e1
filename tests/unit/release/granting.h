// Decisions, admissions and key records, made by the functions that alone can make them. Tests
// only.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "helper/release/key_grant.h"
#include "tests/unit/policy/names.h"
#include "tests/unit/verify/examined.h"

namespace sifguard::test {

inline const std::string kSigner(40, 'A');
inline const std::string kOtherSigner(40, 'B');

/// `leave`: a break-glass grant for alice on the binding.
inline Decision decision_of(Mode mode = Mode::enforce, bool with_key = true, bool leave = false) {
  Binding binding;
  binding.name = "lolcow";
  binding.match = {"/apps/lolcow.sif"};
  binding.signers.any_of = {kSigner, kOtherSigner};
  if (with_key) binding.key = "lolcow-key";
  binding.allow.users = std::vector<std::string>{"alice"};
  binding.mode = mode;
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({"/apps/lolcow.sif"});
  Policy policy{{binding}};
  if (leave) policy.break_glass = {{"bg-1", "lolcow", "alice", 0, 3600}};
  auto decision = decide(policy, facts);
  if (!decision) throw std::runtime_error(decision.error().what());
  return *std::move(decision);
}

/// An image of one group that `signer` signed.
inline ImageFacts facts_of(const std::string& signer = kSigner) {
  ImageFacts facts;
  facts.image_size = 4096;
  facts.groups = {{1, {1, 2}}};
  facts.primary_partition_id = 1;
  SignatureFact signature;
  signature.object_id = 3;
  signature.group_id = 1;
  signature.status = SignatureStatus::good;
  signature.signer = signer;
  signature.hash = "SHA256";
  signature.made = 1700000000;
  signature.covered = {1, 2};
  facts.signatures = {signature};
  return facts;
}

inline const std::string kImage = "sha256:" + std::string(64, 'd');

/// Of facts that `requirement` is satisfied by, under a binding that names no key.
inline Admission admitted(const ImageFacts& facts, const SignerRequirement& requirement) {
  Demands demands;
  demands.signers = {requirement};
  demands.encrypted = encryption_of(facts) != Encryption::none;
  auto admission = judge_and_admit(certified(facts, kImage), demands, 1800000000);
  if (!admission) throw std::runtime_error(admission.error().what());
  return *std::move(admission);
}

inline Admission admission_of(const std::string& signer = kSigner) {
  SignerRequirement requirement;
  requirement.any_of = {signer};
  return admitted(facts_of(signer), requirement);
}

/// An image that both signed.
inline Admission admission_of_both() {
  ImageFacts facts = facts_of();
  facts.signatures.push_back(facts_of(kOtherSigner).signatures[0]);
  facts.signatures[1].object_id = 4;
  SignerRequirement requirement;
  requirement.all_of = {kSigner, kOtherSigner};
  return admitted(facts, requirement);
}

inline KeyRecord record_of(const std::string& id = std::string(64, '1')) {
  KeyRecord record;
  record.id = id;
  record.name = "lolcow-key";
  record.has_private = true;
  record.rule.signers = {kSigner};
  record.rule.users = {"alice"};
  return record;
}

inline KeyGrant grant_of(const std::string& id) {
  auto grant = grant_key(decision_of(), admission_of(), record_of(id), "alice", {});
  if (!grant) throw std::runtime_error(grant.error().what());
  return *std::move(grant);
}

}  // namespace sifguard::test
