// What `sifctl setup` puts into the keystore. Runs with the rights of the admin.
#include "keystore/cli/setup_keystore.h"

#include <sys/stat.h>

#include <algorithm>

#include "keystore/base/absent.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/init.h"
#include "keystore/cli/output_file.h"
#include "keystore/cli/signer_output.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

std::string counted(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

constexpr std::size_t kMaxPublicKey = 64UL * 1024;
constexpr mode_t kPublicMode = 0644;

SetupStep waits_for(const std::string& step) {
  return {StepState::missing, "waits for the " + step, "see above"};
}

SetupStep no_keystore() {
  return waits_for("keystore");
}

Result<SetupStep> write_public(const Session& session, const std::string& file,
                               const std::string& pem) {
  if (!is_absent(file)) {
    SG_TRY(const std::string there, read_input_text(file, kMaxPublicKey));
    if (there == pem) return SetupStep{StepState::there, file};
    return fail(Code::exists, file + " exists, and is not the public half of this key",
                "move it away, or name another file: --public-key FILE");
  }
  if (session.dry_run) return SetupStep{StepState::done, file};
  SG_TRY(OutputFile output,
         OutputFile::stage(file, std::as_bytes(std::span(pem)), kPublicMode, false));
  SG_CHECK(output.publish());
  output.keep();
  return SetupStep{StepState::done, file};
}

}  // namespace

Result<SetupStep> KeystoreSetup::keystore() {
  SG_TRY(const SealOptions options, parse_seal_options(wanted_.seal));
  SG_TRY(const std::string directory, session_.absolute_keystore_directory());
  const std::string what = "keystore " + directory;
  if (session_.dry_run && is_absent(directory)) {
    const bool inside = options.method == SealMethod::file && options.where.empty();
    store_key_ = inside ? "a new file in " + directory : wanted_.seal;
    return SetupStep{StepState::done, what};
  }
  bool made = false;
  if (!session_.dry_run) {
    SG_TRY(const Keystore::Init init, Keystore::init(directory, Session::trust(), options));
    made = init.created;
  }
  SG_TRY(keystore_, session_.keystore());
  SG_TRY(const auto seals, keystore_->seals());
  store_key_ = shown_seal(directory, seals.front());
  return SetupStep{made ? StepState::done : StepState::there, what};
}

Result<SetupStep> KeystoreSetup::held_signers() const {
  const auto signers = keystore_ ? keystore_->signers() : Result<std::vector<SignerRecord>>();
  if (!signers) return tl::unexpected(signers.error());
  if (!signers->empty()) return SetupStep{StepState::there, counted(signers->size(), "signer")};
  return SetupStep{StepState::missing, "no signer, so no signature is accepted",
                   "give --signer FILE, the public key or certificate of who signs images"};
}

Result<SetupStep> KeystoreSetup::add_signer() {
  const std::string& file = wanted_.signer.file;
  SG_TRY(const NewSigner read, read_signer_file(*keystore_, wanted_.signer));
  SG_TRY(const PutSigner put, put_signer(*keystore_, read));
  signer_name_ = put.record.names.front();
  SG_CHECK(tell_news(session_, *keystore_, read, put));
  SG_CHECK(note_unfit_signer(session_, *keystore_, read, file));
  const bool same = put.outcome == Keystore::Added::unchanged;
  return SetupStep{same ? StepState::there : StepState::done,
                   put.record.id + " " + one_line(put.record.label, 200)};
}

Result<SetupStep> KeystoreSetup::signer() {
  if (!keystore_ && !session_.dry_run) return no_keystore();
  if (wanted_.signer.file.empty()) return held_signers();
  if (keystore_) return add_signer();
  return SetupStep{StepState::done, "the signer in " + wanted_.signer.file};
}

Result<SetupStep> KeystoreSetup::held_keys() const {
  const auto keys = keystore_ ? keystore_->keys() : Result<std::vector<KeyRecord>>();
  if (!keys) return tl::unexpected(keys.error());
  if (!keys->empty()) return SetupStep{StepState::there, counted(keys->size(), "key")};
  return SetupStep{StepState::skipped, "no key, so no encrypted image can run",
                   "give --key NAME to make one"};
}

Result<std::optional<KeyRecord>> KeystoreSetup::held_key() const {
  if (!keystore_) return std::optional<KeyRecord>();
  SG_TRY(const auto keys, keystore_->keys());
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const KeyRecord& key) { return key.name == wanted_.key; });
  if (found == keys.end()) return std::optional<KeyRecord>();
  return std::optional<KeyRecord>(*found);
}

Result<SetupStep> KeystoreSetup::make_key() {
  KeyMaker maker;
  maker.name = wanted_.key;
  maker.bits = std::stoi(wanted_.bits);
  if (const auto made = maker.make_alone(session_, *keystore_); !made) {
    return tl::unexpected(made.error());
  }
  key_ready_ = true;
  return SetupStep{StepState::done, wanted_.key};
}

Result<SetupStep> KeystoreSetup::key() {
  if (!keystore_ && !session_.dry_run) return no_keystore();
  if (wanted_.key.empty()) return held_keys();
  SG_TRY(const auto held, held_key());
  if (held && held->state != KeyState::active) {
    return SetupStep{StepState::missing,
                     wanted_.key + " is " + std::string(key_state_name(held->state)),
                     "give the name of another key"};
  }
  key_ready_ = held || session_.dry_run;
  if (!key_ready_) return make_key();
  return SetupStep{held ? StepState::there : StepState::done, wanted_.key};
}

Result<SetupStep> KeystoreSetup::public_key() {
  const std::string& file = wanted_.public_key;
  if (wanted_.key.empty()) {
    return SetupStep{StepState::skipped, "no key is named"};
  }
  if (!key_ready_) return waits_for("key");
  SG_TRY(const auto held, held_key());
  if (!held) return SetupStep{StepState::done, file};  // in a dry run
  SG_TRY(const RsaPublicKey half, keystore_->load_public_key(*held));
  SG_TRY(const std::string pem, half.pkcs1_pem());
  return write_public(session_, file, pem);
}

/// The given one, or the only one in the keystore; otherwise empty.
Result<std::string> KeystoreSetup::signer_for_binding() const {
  if (!wanted_.signer.file.empty()) return signer_name_;
  SG_TRY(const auto signers, keystore_->signers());
  return signers.size() == 1 ? signers.front().names.front() : std::string();
}

Result<SetupStep> KeystoreSetup::held_bindings() const {
  std::size_t count = 0;
  if (keystore_) {
    SG_TRY(const auto reader, PolicyReader::load(*keystore_));
    SG_TRY(const Policy policy, reader.all());
    count = policy.bindings.size();
  }
  if (count > 0) return SetupStep{StepState::there, counted(count, "binding")};
  return SetupStep{StepState::missing, "no binding, so no image can run",
                   "give --bind NAME --match PATH, and who may run it"};
}

/// Whether a dry run did not really add the key or the signer: then it cannot bind them, either.
Result<bool> KeystoreSetup::only_planned(const std::string& signer) const {
  SG_TRY(const auto held, held_key());
  SG_TRY(const auto signers, keystore_->signers());
  const bool has_signer = std::any_of(signers.begin(), signers.end(), [&](const SignerRecord& one) {
    return one.is_named(signer);
  });
  return session_.dry_run && (!has_signer || (!wanted_.key.empty() && !held));
}

Result<SetupStep> KeystoreSetup::bind_with(const BindOptions& options) {
  auto bound = put_bound(session_, *keystore_, options);
  if (!bound && bound.error().code() == Code::exists) {
    return tl::unexpected(bound.error().reworded(
        bound.error().what(), "see sifctl image show " + options.name +
                                  "; sifctl image bind --replace puts another in its place"));
  }
  if (!bound) return tl::unexpected(std::move(bound).error());
  if (bound->is_unchanged()) return SetupStep{StepState::there, options.name};
  if (!session_.dry_run) SG_CHECK(tell_about(session_, *keystore_, options, *bound));
  return SetupStep{StepState::done, options.name};
}

Result<SetupStep> KeystoreSetup::binding() {
  if (!keystore_ && !session_.dry_run) return no_keystore();
  if (wanted_.bind.name.empty()) return held_bindings();
  if (!wanted_.key.empty() && !key_ready_) return waits_for("key");
  const SetupStep planned{StepState::done, wanted_.bind.name};
  if (!keystore_) return planned;
  SG_TRY(const std::string signer, signer_for_binding());
  if (signer.empty() && !wanted_.signer.file.empty()) return waits_for("signer");
  if (signer.empty()) {
    return SetupStep{StepState::missing, "no signer is named for it",
                     "give --signer FILE; it may be one that the keystore has"};
  }
  SG_TRY(const bool is_planned, only_planned(signer));
  if (is_planned) return planned;
  BindOptions options = wanted_.bind;
  options.signers = {signer};
  options.key = wanted_.key;
  return bind_with(options);
}

}  // namespace sifguard
