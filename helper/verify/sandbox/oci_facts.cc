// What the report says of an OCI image, and whether its blobs have their digests. Sandboxed
// verifier.
#include "helper/verify/sandbox/oci_facts.h"

#include <utility>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

bool is_blob(const sif::Descriptor& object) {
  return object.type == sif::DataType::oci_blob || object.type == sif::DataType::oci_root_index;
}

}  // namespace

void describe_oci(const sif::Image& image, sif::OciImage oci, VerifierReport& report) {
  OciFact fact;
  for (const std::size_t layer : oci.layers) {
    fact.layers.push_back({image.objects[layer].offset, image.objects[layer].size});
  }
  fact.env = std::move(oci.settings.env);
  fact.entrypoint = std::move(oci.settings.entrypoint);
  fact.cmd = std::move(oci.settings.cmd);
  fact.working_dir = std::move(oci.settings.working_dir);
  report.architecture = std::move(oci.settings.architecture);
  report.oci = std::move(fact);
}

void hash_blobs(const sif::Image& image, StatementCheck& check) {
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    if (is_blob(image.objects[i])) check.want(i, DigestAlgorithm::sha256);
  }
}

Status check_blobs(const sif::Image& image, const StatementCheck& check) {
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const sif::Descriptor& object = image.objects[i];
    if (!is_blob(object)) continue;
    const auto& found = check.found(i, DigestAlgorithm::sha256);
    const std::string_view stated = sif::oci_digest(object);
    if (found && "sha256:" + to_hex(found->value) == stated) continue;
    return fail(
        Code::refused,
        object.shown() + " does not have the digest that is stated for it, " + std::string(stated));
  }
  return {};
}

}  // namespace sifguard
