// The launch of one task, from request to plan. Root, in the task's own mount namespace.
#include "helper/pipeline/pipeline.h"

#include <time.h>

#include <exception>

#include "helper/launch/plan.h"
#include "helper/mount/job_mounts.h"
#include "helper/pipeline/bound_image.h"
#include "helper/pipeline/job_facts.h"
#include "helper/pipeline/launch_options.h"
#include "helper/pipeline/person.h"
#include "helper/pipeline/staging.h"
#include "helper/pipeline/step_root.h"
#include "helper/release/admission.h"
#include "helper/release/first_that_opens.h"
#include "helper/release/rekey.h"
#include "helper/stage/filesystem_type.h"
#include "keystore/base/contains.h"
#include "keystore/base/one_line.h"
#include "keystore/policy/image_uri.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

JobIdentity identity_of(const Request& request) {
  return {request.job, request.uid};
}

/// Says, when the reading of a keystore ends, whether it was replaced meanwhile.
class KeystoreWatch {
 public:
  KeystoreWatch(const Keystore& keystore, bool& overtaken)
      : keystore_(keystore), overtaken_(overtaken) {}
  KeystoreWatch(const KeystoreWatch&) = delete;
  KeystoreWatch& operator=(const KeystoreWatch&) = delete;
  ~KeystoreWatch() { overtaken_ = !keystore_.is_current(); }

 private:
  const Keystore& keystore_;
  bool& overtaken_;
};

/// One launch: what is known so far, so that a refusal at any point is recorded with it.
class Launch {
 public:
  Launch(const Request& request, const Config& config, const Result<RecordedJob>& recorded,
         AuditLog& audit, AuditRecord& record, int step_daemon, const TellDoing& tell)
      : request_(request),
        config_(config),
        recorded_(recorded),
        audit_(audit),
        record_(record),
        step_daemon_(step_daemon),
        tell_(tell) {}

  /// Whether the last run() ended with another keystore in place than it began with.
  [[nodiscard]] bool overtaken() const noexcept { return overtaken_; }

  Result<LaunchOutcome> run() {
    SG_TRY(OpeningImage opening, start_opening());
    SG_TRY(const Person person, find_person(request_.uid, request_.gid, request_.groups));
    record_.user = person.user;
    SG_TRY(const Node node, read_node(config_));
    const KeystoreWatch watch(node.keystore, overtaken_);
    SG_TRY(OpenedImage opened, wait_for(std::move(opening)));
    SG_TRY(const Decision decision, decide_on(node, person, opened));
    SG_TRY(const auto keys, keys_of(decision, node.keystore));
    if (!keys.empty()) record_.key_id = keys.front().id;
    SG_TRY(const ImageCache cache, ImageCache::open(config_.cache, config_.cache_max_bytes,
                                                    config_.cache_max_bytes_per_user));
    const std::string image_path = mounted_image_path(opened.canonical_path());
    SG_TRY(StagingOptions options, staging_options(opened, decision, config_));
    record_.release = release_name(options.release);
    const bool with_pem = !keys.empty() && options.release == Release::pem;
    SG_TRY(LaunchPlan plan, plan_for(decision, image_path, with_pem));
    options.uid = request_.uid;
    if (tell_) {
      options.tell = [this](std::string_view what) {
        tell_(what.empty() ? "" : request_.node + ": " + std::string(what));
      };
    }
    SG_TRY(const Keyring keyring, load_keyring(node.keystore, decision));
    SG_TRY(StagedImage staged,
           stage_image(std::move(opened), decision, keyring, cache, ids_of(keys), options));
    record_.digest = "sha256:" + staged.digest();
    SG_TRY(const CertifiedFacts facts,
           certify(staged.facts(), record_.digest, keyring, node.keystore, config_.revocation,
                   examination_of(options)));
    auto verdict = judge(facts, decision.signers(), ::time(nullptr));
    if (!verdict) {
      return run_unverified(verdict.error(), facts, staged, decision, node.keystore, cache, plan,
                            image_path, options.release);
    }
    record_.signers = verdict->signers();
    SG_TRY(const Admission admission,
           admit(*std::move(verdict), demands_of(decision, options.release)));
    if (admission.facts().oci) {
      SG_TRY(plan, plan_for(decision, image_path, with_pem, &*admission.facts().oci));
    }
    const Admitted all{admission, decision, person, node, keys, cache};
    SG_TRY(const JobDirectory directory, JobDirectory::make());
    if (options.release == Release::mount) {
      SG_TRY(const RootMount root, mount_root(all, staged, options));
      SG_CHECK(mount_job(directory, mounts_of(staged, image_path), plan, root));
    } else {
      SG_TRY(const ReleasedKey released, release(all, staged));
      SG_CHECK(mount_job(directory, mounts_of(staged, image_path), plan, admission, released));
    }
    return LaunchOutcome{};
  }

 private:
  /// An image that may run, and what it may run under.
  struct Admitted {
    const Admission& admission;
    const Decision& decision;
    const Person& person;
    const Node& node;
    const std::vector<KeyRecord>& keys;
    const ImageCache& cache;
  };

  /// `warn` lets an unencrypted image run with a warning; it never comes near a key, nor the
  /// kernel's own reading of file systems: whatever the release, the runtime gets the file.
  Result<LaunchOutcome> run_unverified(const Error& why, const CertifiedFacts& facts,
                                       StagedImage& staged, const Decision& decision,
                                       const Keystore& keystore, const ImageCache& cache,
                                       const LaunchPlan& plan, const std::string& image_path,
                                       Release release) {
    const auto admission = admit_unverified(facts, decision);
    if (!admission) {
      return tl::unexpected(with_what_signing_leaves(why, facts, demands_of(decision, release)));
    }
    record_.reason = why.what();
    record_.release = release_name(Release::pem);
    SG_CHECK(record_intent("warn", keystore));
    SG_CHECK(staged.publish(cache, staged.record(), {}));
    SG_TRY(const JobDirectory directory, JobDirectory::make());
    SG_CHECK(mount_job(directory, mounts_of(staged, image_path), plan, *admission));
    return LaunchOutcome{"warning: " + one_line(why.what(), 800)};
  }

  /// It takes as long as all that is read meanwhile.
  Result<OpeningImage> start_opening() const {
    const OpenOptions options =
        open_options(config_, Identity{request_.uid, request_.gid, request_.groups});
    return OpeningImage::start(request_.image, request_.cwd, options);
  }

  Result<OpenedImage> wait_for(OpeningImage opening) {
    SG_TRY(OpenedImage opened, std::move(opening).opened());
    record_.path = opened.canonical_path();
    if (opened.remote())
      record_.image = opened.asked_for().text();  // one spelling, for who searches
    return opened;
  }

  Result<Decision> decide_on(const Node& node, const Person& person, OpenedImage& opened) {
    Facts facts;
    facts.user = person.user;
    facts.groups = person.groups;
    facts.node = request_.node;
    facts.now = ::time(nullptr);
    SG_TRY(const Policy policy, bindings_of_opened(opened, node, facts));
    SG_CHECK(add_job_facts(policy, facts));
    SG_TRY(Decision decision, decide(policy, facts));
    record_.bindings = decision.bindings();
    record_.break_glass = decision.break_glass();
    if (!request_.signer.empty()) return narrow(std::move(decision), request_.signer);
    return decision;
  }

  /// The controller is asked only for what a binding needs and the prolog could not tell: a step of
  /// a thousand nodes would ask it a thousand times.
  Status add_job_facts(const Policy& policy, Facts& facts) const {
    if (!wants_job_facts(policy, facts)) return {};
    if (!recorded_) return tl::unexpected(recorded_.error());
    recorded_->add_to(facts);
    if (!wants_job_facts(policy, facts)) return {};
    return ask_slurm(facts, identity_of(request_), config_.squeue);
  }

  static std::vector<std::string> ids_of(const std::vector<KeyRecord>& keys) {
    std::vector<std::string> ids;
    for (const KeyRecord& key : keys) ids.push_back(key.id);
    return ids;
  }

  Result<LaunchPlan> plan_for(const Decision& decision, const std::string& image_path,
                              bool encrypted, const OciFact* oci = nullptr) const {
    SG_TRY(PlanInput input, launch_options(request_, decision, config_));
    if (oci != nullptr) {
      input.image_command = ImageCommand{oci->entrypoint, oci->cmd};
      input.image_environment = oci->env;
      input.image_workdir = oci->working_dir;
    }
    input.image_path = image_path;
    input.encrypted = encrypted;
    input.variable_prefix = variable_prefix_of(config_.runtime);
    return make_plan(input);
  }

  /// Of an image without encryption.
  Status publish_plain(const Admitted& all, StagedImage& staged) {
    SG_CHECK(record_intent("allow", all.node.keystore));
    return staged.publish(all.cache, staged.record(), {});
  }

  Result<ReleasedKey> release(const Admitted& all, StagedImage& staged) {
    if (all.keys.empty()) {
      SG_CHECK(publish_plain(all, staged));
      return release_nothing(all.admission);
    }
    return under_a_key<ReleasedKey>(all, staged,
                                    [&](const KeyGrant& grant, const TakeStoredKey& take) {
                                      return release_under(grant, take, staged, all.cache);
                                    });
  }

  Result<RootMount> mount_root(const Admitted& all, StagedImage& staged,
                               const StagingOptions& options) {
    StepRoot root(options, {request_.uid, request_.gid, step_daemon_});
    if (all.keys.empty()) {
      SG_CHECK(publish_plain(all, staged));
      return root.plain(all.admission, staged);
    }
    return under_a_key<RootMount>(
        all, staged, [&](const KeyGrant& grant, const TakeStoredKey& take) {
          return root.encrypted(all.admission, grant, take, staged, all.cache);
        });
  }

  /// What `use(grant, take)` gives for the first key that opens the image. take() gives the key of
  /// the grant, once the intent is on disk; a launch that cannot be recorded is refused.
  template <typename Released, typename Use>
  Result<Released> under_a_key(const Admitted& all, const StagedImage& staged, const Use& use) {
    const Error elsewhere(Code::internal, "the cached image was staged under another key");
    return first_that_opens(
        candidates(staged, all.keys), elsewhere, [&](const KeyRecord& key) -> Result<Released> {
          record_.key_id = key.id;
          SG_TRY(const KeyGrant grant,
                 grant_key(all.decision, all.admission, key, all.person.user, all.person.groups));
          if (!grant.break_glass().empty() && !contains(record_.break_glass, grant.break_glass())) {
            record_.break_glass.push_back(grant.break_glass());
          }
          return use(grant, [&]() -> Result<StoredPrivateKey> {
            SG_CHECK(record_intent("allow", all.node.keystore));
            return all.node.keystore.stored_private_key(grant.key());
          });
        });
  }

  static Result<ReleasedKey> release_under(const KeyGrant& grant, const TakeStoredKey& take,
                                           StagedImage& staged, const ImageCache& cache) {
    SG_TRY(const StoredPrivateKey stored, take());
    if (staged.in_place() >= 0) {
      SG_TRY(const RsaPrivateKey own, stored.open());
      return release_published(grant, own, staged.in_place(), *staged.facts(), staged.digest());
    }
    if (staged.entry() == nullptr) {
      SG_TRY(Rekeyed rekeyed,
             rekey(grant, stored, staged.copy(), *staged.facts()->message, staged.digest()));
      EntryRecord record = staged.record();
      record.key_id = grant.key().id;
      record.sealed_key = std::move(rekeyed.sealed_key);
      SG_CHECK(staged.publish(cache, record, as_bytes(rekeyed.pristine_message)));
      if (staged.record().sealed_key == record.sealed_key) return std::move(rekeyed.key);
      // Another user's launch of the same image was faster: its entry runs, under its own key.
    }
    return release_sealed(grant, stored, staged.record());
  }

  /// All that the launch depends on has been read: if a bundle took the keystore's place meanwhile,
  /// nothing of it counts any more.
  Status record_intent(const char* decision, const Keystore& keystore) {
    if (!keystore.is_current()) {
      return fail(Code::temporary, "the keystore was replaced during the launch", "try again");
    }
    record_.event = "intent";
    record_.decision = decision;
    record_.duration_ms = monotonic_ms() - start_ms_;
    return audit_.append(record_);
  }

  [[nodiscard]] JobMounts mounts_of(const StagedImage& staged,
                                    const std::string& image_path) const {
    return {staged.source(), image_path, request_.uid, request_.gid, turns_for(*staged.facts())};
  }

  const Request& request_;
  const Config& config_;
  const Result<RecordedJob>& recorded_;
  AuditLog& audit_;
  AuditRecord& record_;
  int step_daemon_;
  const TellDoing& tell_;
  bool overtaken_ = false;
  const std::int64_t start_ms_ = monotonic_ms();
};

Result<RecordedJob> recorded_job(const Request& request) {
  return RecordedJob::read(identity_of(request), SIFGUARD_RUN_DIR);
}

/// What is known of a launch before it begins; a file that cannot be trusted says nothing of it.
AuditRecord record_of(const Request& request, const Result<RecordedJob>& recorded) {
  AuditRecord record;
  record.job = request.job;
  record.step = request.step;
  if (recorded) record.sluid = recorded->sluid();
  record.node = request.node;
  record.uid = request.uid;
  record.image = without_password(request.image);
  return record;
}

/// An exception here is a defect, or a lack of memory; it refuses, and is recorded like a refusal.
Result<LaunchOutcome> run(Launch& launch) {
  try {
    return launch.run();
  } catch (const std::exception& error) {
    return fail(Code::internal, std::string("the helper failed: ") + error.what());
  }
}

}  // namespace

void record_refusal(AuditLog& audit, AuditRecord record, const Error& error) {
  const bool broken = error.code() == Code::internal || error.code() == Code::config ||
                      error.code() == Code::unavailable || error.code() == Code::temporary;
  record.event = broken ? "failed" : "refused";
  record.decision = "refuse";
  record.code = code_name(error.code());
  record.reason = error.what();
  (void)audit.append(record);  // refused in any case, and for the reason that the user can act on
}

AuditRecord first_record(const Request& request) {
  return record_of(request, recorded_job(request));
}

Result<LaunchOutcome> launch_task(const Request& request, const Config& config, AuditLog& audit,
                                  int step_daemon, const TellDoing& tell) {
  const std::int64_t start = monotonic_ms();
  const auto recorded = recorded_job(request);
  AuditRecord record;
  Result<LaunchOutcome> outcome = fail(Code::internal, "the launch did not begin");
  // A launch that a new keystore overtook before anything was released is made again under that
  // one.
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts && !outcome; ++attempt) {
    record = record_of(request, recorded);
    Launch launch(request, config, recorded, audit, record, step_daemon, tell);
    outcome = run(launch);
    if (!launch.overtaken()) break;
  }
  record.duration_ms = monotonic_ms() - start;
  if (!outcome) {
    record_refusal(audit, std::move(record), outcome.error());
    return outcome;
  }
  record.event = "started";
  // The key is out and its intent recorded; without this line the launch is still refused.
  SG_CHECK(audit.append(record));
  return outcome;
}

}  // namespace sifguard
