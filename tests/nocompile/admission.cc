// What must not compile: ways from an image's bytes to a key that leave a step out. CASE selects
// one; without it the whole way compiles. tests/nocompile/run reads the words behind "CASE N:",
// which the compiler has to say about it.
#include "helper/mount/job_mounts.h"
#include "helper/mount/root_mount.h"
#include "helper/release/admission.h"
#include "helper/release/rekey.h"

#ifndef CASE
#define CASE 0
#endif

namespace sifguard {

struct Given {
  const ExaminedFacts& examined;
  const CertifiedFacts& certified;
  const Verdict& verdict;
  const Admission& admission;
  const UnverifiedAdmission& unverified;
  const Decision& decision;
  const Binding& binding;
  const KeyRecord& key;
  const JobDirectory& directory;
  const JobMounts& mounts;
  const LaunchPlan& plan;
  const ReleasedKey& released;
  const std::vector<SignerRequirement>& signers;
  const ImagePartition& partition;
  const VolumeKeySource& volume_key;
  const RootMountOptions& root;
};

Status whole_way(const Given& given) {
  SG_TRY(const CertifiedFacts certified, certify(given.examined, {}, Standing({}, {}, {})));
  SG_TRY(Verdict verdict, judge(certified, given.signers, 0));
  SG_TRY(const Admission admission, admit(std::move(verdict), demands_of(given.decision, Release::pem)));
  SG_TRY(const KeyGrant grant, grant_key(given.decision, admission, given.key, "alice", {}));
  SG_TRY(const RootMount root, mount_plain_root(admission, given.partition, given.root));
  SG_CHECK(mount_job(given.directory, given.mounts, given.plan, root));
  return mount_job(given.directory, given.mounts, given.plan, admission,
                   release_nothing(admission));
}

#if CASE == 1  // CASE 1: private|could not convert|no matching
ExaminedFacts facts_of_nobodys_examination() { return ExaminedFacts(ImageFacts()); }
#elif CASE == 2  // CASE 2: no matching|could not convert|invalid initialization|no viable
Result<Verdict> judge_without_certifying(const Given& given) {
  return judge(given.examined, given.signers, 0);
}
#elif CASE == 3  // CASE 3: no matching|could not convert|invalid initialization|no viable
Result<Verdict> judge_plain_facts(const Given& given) {
  return judge(*given.certified, given.signers, 0);
}
#elif CASE == 4  // CASE 4: no matching
Standing a_standing_without_limits() { return Standing({}, {}); }
#elif CASE == 5  // CASE 5: private|no matching
Standing a_standing_that_says_nothing() { return Standing(); }
#elif CASE == 6  // CASE 6: private|no matching|could not convert
Verdict a_verdict_by_the_rules_alone(const Given& given) {
  return Verdict(given.certified, *weigh(*given.certified, given.signers, 0));
}
#elif CASE == 7  // CASE 7: private|no matching|could not convert
Admission an_admission_by_the_verdict_alone(const Given& given) { return Admission(given.verdict); }
#elif CASE == 8  // CASE 8: no matching|could not convert|invalid initialization|no viable
Result<KeyGrant> a_key_for_a_verdict(const Given& given) {
  return grant_key(given.decision, given.verdict, given.key, "alice", {});
}
#elif CASE == 9  // CASE 9: no matching|could not convert|invalid initialization|no viable
Result<KeyGrant> a_staging_key_for_a_verdict(const Given& given) {
  return grant_staging(given.decision, given.verdict, given.key);
}
#elif CASE == 10  // CASE 10: no matching|could not convert|invalid initialization|no viable
Result<KeyGrant> a_publication_key_for_a_verdict(const Given& given) {
  return grant_publication(given.binding, given.verdict, given.key);
}
#elif CASE == 11  // CASE 11: no matching|could not convert|invalid initialization|no viable
Result<KeyGrant> a_key_for_what_nobody_verified(const Given& given) {
  return grant_key(given.decision, given.unverified, given.key, "alice", {});
}
#elif CASE == 12  // CASE 12: no matching|could not convert|invalid initialization|no viable
ReleasedKey a_release_for_a_verdict(const Given& given) { return release_nothing(given.verdict); }
#elif CASE == 13  // CASE 13: no matching|could not convert|invalid initialization|no viable
Status a_mount_for_a_verdict(const Given& given) {
  return mount_job(given.directory, given.mounts, given.plan, given.verdict, given.released);
}
#elif CASE == 14  // CASE 14: no matching
Status a_mount_with_a_key_for_what_nobody_verified(const Given& given) {
  return mount_job(given.directory, given.mounts, given.plan, given.unverified, given.released);
}
#elif CASE == 15  // CASE 15: private|no matching|could not convert
UnverifiedAdmission through_no_door() { return UnverifiedAdmission(); }
#elif CASE == 16  // CASE 16: private|no matching|could not convert
CertifiedFacts certified_by_nobody(const Given& given) { return CertifiedFacts(given.examined); }
#elif CASE == 17  // CASE 17: deleted|implicitly|no matching|private
EntryRecord an_entry_without_facts() { return EntryRecord(); }
#elif CASE == 18  // CASE 18: private|no matching|could not convert
KeyGrant a_grant_by_the_key_alone(const Given& given) { return KeyGrant(given.key, ""); }
#elif CASE == 19  // CASE 19: no matching|could not convert|invalid initialization|no viable
Result<RootMount> a_root_for_a_verdict(const Given& given) {
  return mount_plain_root(given.verdict, given.partition, given.root);
}
#elif CASE == 20  // CASE 20: no matching|could not convert|invalid initialization|no viable
Result<RootMount> a_decrypted_root_of_what_nobody_verified(const Given& given) {
  return mount_encrypted_root(given.unverified, given.partition, SealedKind::luks,
                              given.volume_key, given.root);
}
#elif CASE == 21  // CASE 21: no matching|invalid initialization
Result<RootMount> a_root_for_nothing(const Given& given) {
  return mount_plain_root(given.partition, given.root);
}
#elif CASE == 22  // CASE 22: no matching|could not convert|invalid initialization|no viable
Result<RootMount> a_decrypted_root_without_a_grant(const Given& given) {
  return mount_encrypted_root(given.admission, given.partition, SealedKind::luks, SecretBytes(),
                              given.root);
}
#elif CASE == 23  // CASE 23: private|no matching|could not convert
VolumeKey a_volume_key_of_nobodys() { return VolumeKey(SecretBytes(), false); }
#elif CASE == 24  // CASE 24: no matching|could not convert|invalid initialization|no viable
Result<RootMount> a_root_of_what_nobody_verified(const Given& given) {
  return mount_plain_root(given.unverified, given.partition, given.root);
}
#elif CASE == 25  // CASE 25: private|no matching
JobDirectory a_directory_that_nobody_made() { return JobDirectory(); }
#endif

}  // namespace sifguard
