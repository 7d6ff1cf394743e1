// Publishing an image. Root on an admin's host.
#include "helper/publish/publish.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "helper/publish/published_file.h"
#include "helper/publish/reencrypt.h"
#include "helper/publish/source_image.h"
#include "helper/stage/published.h"
#include "keystore/base/text.h"
#include "keystore/policy/images_edit.h"
#include "keystore/store/images_file.h"
#include "keystore/store/published_name.h"
#include "keystore/store/published_records.h"
#include "keystore/store/site_key.h"

namespace sifguard {
namespace {

Result<std::string> name_of(const PublishRequest& request, const SourceImage& source) {
  std::string name = request.name;
  if (name.empty()) name = std::filesystem::path(source.path).stem().string();
  if (is_name(published_key(name, "sha256:" + std::string(64, '0')))) return name;
  return fail(Code::usage, "not a usable name: '" + printable(name, 100) + "'",
              "give one with --name, of A-Z a-z 0-9 . _ -");
}

/// All bindings that match must pass: another one for the place would want other signers and
/// another key of the image.
Status check_place(const Publication& made, const Policy& policy) {
  for (const Binding& each : policy.bindings) {
    if (each.name == made.binding) {
      return fail(Code::exists, "there is a binding '" + each.name + "' already",
                  "choose another --name, or sifctl image unpublish first");
    }
    for (const std::string& pattern : each.match) {
      if (!matches_text(pattern, made.path)) continue;
      return fail(Code::denied,
                  "the binding '" + each.name + "' is for " + printable(made.path) + ", too, by " +
                      printable(pattern) + ", and what is published has other signers and keys",
                  "narrow its pattern, or let `published` of sifguard.yaml be elsewhere");
    }
  }
  return {};
}

/// What the image was verified under still says the same.
Status check_unchanged(const Binding& source, const Policy& policy) {
  for (Binding each : policy.bindings) {
    each.line = source.line;
    if (each == source) return {};
  }
  return fail(Code::temporary, "the binding '" + source.name + "' was changed meanwhile",
              "publish the image again");
}

/// The site's signer, known to the keystore, so that bindings can name it.
Result<std::string> site_signer(Keystore& keystore, const SigningKey& site) {
  SG_TRY(const std::string pem, site.public_pem());
  SignerRecord record;
  record.id = "spki:" + site.public_half().spki();
  record.label = "the site's own key";
  record.algorithm = site.public_half().algorithm();
  record.names = {record.id};
  SG_CHECK(keystore.add_signer(record, pem));
  return record.id;
}

/// The same examination, whose progress is told.
ExamineOptions telling(const PublishRequest& request, const ExamineOptions& examination) {
  ExamineOptions options = examination;
  options.progress = [&request, told = std::uint64_t{0}](std::uint64_t done) mutable {
    if (done > told) request.on_done(done - std::exchange(told, done));
  };
  return options;
}

Result<VerifiedImage> verify(const PublishRequest& request, const SourceImage& source, int image,
                             const Node& node, const ExamineOptions& examination,
                             Publication& made) {
  request.on_phase("verifying", source.size);
  SG_TRY(VerifiedImage verified, verify_source(source, image, node, telling(request, examination)));
  made.verified = verified.admission.signers();
  made.digest = "sha256:" + verified.digest;
  return verified;
}

/// What is written is held against what nodes will ask for, by the sandboxed verifier.
Status check_result(int copy, const std::string& signer, const std::string& public_pem,
                    const ExamineOptions& examination) {
  SignerKeys keys;
  keys.public_keys = {public_pem};
  SG_TRY(const ExaminedFacts facts, examine_image(copy, keys, examination));
  SG_TRY(const CertifiedFacts certified, certify(facts, {}, Standing({}, {}, {})));
  SignerRequirement required;
  required.any_of = {signer};
  const std::vector<SignerRequirement> all = {required};
  SG_TRY(const Verdict verdict, judge(certified, all, 0));
  return {};
}

Binding binding_for(const Publication& made, const Binding& source) {
  Binding binding = source;
  binding.name = made.binding;
  binding.match = {made.path};
  binding.digest = made.digest;
  binding.signers = SignerRequirement{};
  binding.signers.any_of = {made.signer};
  binding.key = made.key.empty() ? std::nullopt : std::optional(made.key);
  return binding;
}

Status add_key(Publication& made, const OwnKey& own, Keystore& keystore, const std::string& name) {
  made.key = published_key(name, made.digest);
  Keystore::NewKey key;
  key.name = made.key;
  key.private_key = &own.key;
  key.image = made.digest;
  key.rule = own.rule;
  key.rule->signers = {made.signer};  // the site's, and nobody else's: they were removed
  key.rule->all_of.clear();
  SG_CHECK(keystore.add_key(key));
  return {};
}

Status add_binding(const Publication& made, const Binding& source, std::string_view images,
                   Keystore& keystore) {
  SG_TRY(const std::string changed, append_binding(images, binding_for(made, source)));
  return keystore.replace_images_text(changed);
}

PublishedRecord record_of(const Publication& made, const std::optional<OwnKey>& own,
                          const VerifiedImage& verified, const std::string& name) {
  PublishedRecord record;
  record.name = name;
  record.digest = made.digest;
  record.source_path = made.source;
  record.source_digest = "sha256:" + verified.digest;
  record.source_key = own ? own->source_key : "";
  record.source_signers = made.verified;
  return record;
}

/// As far as that can be done: a key that is left serves nothing.
void destroy_key(const std::string& name, Keystore& keystore) {
  const auto key = keystore.find_key(name);
  if (!key || !keystore.step_key(key->id, KeyStep::retire)) return;
  static_cast<void>(keystore.step_key(key->id, KeyStep::destroy));
}

/// File, key, binding, or none of them. No other sifctl changes images.yaml meanwhile.
Status install(const PublishedFile& file, const std::optional<OwnKey>& own,
               const SourceImage& source, Publication& made, Keystore& keystore,
               const PublishedRecord& record) {
  const std::string& name = record.name;
  SG_TRY(const FileLock held, lock_images(keystore));
  SG_TRY(const std::string images, images_or_none(keystore));
  SG_TRY(const Policy policy, parse_policy(images));
  SG_CHECK(check_place(made, policy));
  SG_CHECK(check_unchanged(source.binding, policy));
  const std::string file_name = published_file(name);
  SG_CHECK(file.name(file_name));
  Status done = add_published(keystore, record);
  if (done && own) done = add_key(made, *own, keystore, name);
  if (done) {
    done = add_binding(made, source.binding, images, keystore);
    if (!done && own) destroy_key(made.key, keystore);
  }
  if (!done) file.take_back(file_name);
  return done;
}

}  // namespace

Result<Publication> publish_image(const PublishRequest& request, Node& node,
                                  const ExamineOptions& examination) {
  SG_TRY(const Policy policy, node.policy.all());
  SG_TRY(const SourceImage source, open_source(request.image, policy));
  SG_TRY(const std::string name, name_of(request, source));
  Publication made;
  made.source = source.path;
  made.bound_by = source.binding.name;
  made.path = published_path(node.config, name);
  made.binding = published_binding(name);
  SG_CHECK(check_place(made, policy));

  if (request.dry_run) {
    SG_CHECK(PublishedFile::check(node.config.published, published_file(name), request.trust));
    SG_TRY(const VerifiedImage verified,
           verify(request, source, source.fd.get(), node, examination, made));
    // Whether the key may be used and opens the image; nothing is written.
    SG_TRY(const auto own, reencrypt(source.fd.get(), source, verified, node.keystore));
    return made;
  }
  SG_TRY(PublishedFile file, PublishedFile::create(node.config.published, request.trust));
  SG_CHECK(file.check_free(published_file(name)));
  request.on_phase("copying", source.size);
  SG_CHECK(file.copy(source.fd.get(), source.size, printable(source.path), request.on_done));
  SG_TRY(const UniqueFd copy, file.read_only());
  SG_TRY(const VerifiedImage verified,
         verify(request, source, copy.get(), node, examination, made));
  SG_TRY(const auto own, reencrypt(copy.get(), source, verified, node.keystore));
  if (own) SG_CHECK(put_message(file.fd(), *own));

  SG_TRY(const SigningKey site, site_key(node.keystore));
  SG_TRY(made.signer, site_signer(node.keystore, site));
  SG_CHECK(resign(file.fd(), site));
  SG_TRY(const std::string site_pem, site.public_pem());
  request.on_phase("checking", source.size);
  SG_CHECK(check_result(copy.get(), made.signer, site_pem, telling(request, examination)));
  struct stat st {};
  if (::fstat(copy.get(), &st) != 0) return fail_errno(Code::internal, "fstat", errno);
  SG_TRY(
      const Sha256Digest digest,
      digest_of_file(copy.get(), static_cast<std::uint64_t>(st.st_size), examination.deadline_ms));
  made.digest = "sha256:" + to_hex(digest);
  SG_CHECK(file.finish());
  SG_CHECK(install(file, own, source, made, node.keystore, record_of(made, own, verified, name)));
  return made;
}

}  // namespace sifguard
