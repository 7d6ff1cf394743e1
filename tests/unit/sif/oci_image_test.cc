// OCI-SIFs: a good one is taken apart, and one that breaks a rule is refused by name.
#include "helper/sif/oci_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sif/oci_builder.h"

namespace sifguard::sif {
namespace {

using test::OciBuilder;
using test::replacing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<OciImage> read(const OciBuilder& builder) {
  const UniqueFd fd = test::file_of(builder.sif().build());
  SG_TRY(const Image image, read_image(fd.get()));
  EXPECT_TRUE(has_oci_objects(image));
  return read_oci_image(fd.get(), image);
}

TEST(OciImage, IsTakenApart) {
  const auto oci = read(OciBuilder());
  ASSERT_TRUE(oci) << oci.error().line();
  EXPECT_THAT(oci->layers, ElementsAre(0, 1));
  EXPECT_EQ(oci->config, 2U);
  EXPECT_EQ(oci->manifest, 3U);
  EXPECT_EQ(oci->root_index, 4U);
  EXPECT_EQ(oci->settings.architecture, "amd64");
  EXPECT_THAT(oci->settings.env, ElementsAre("PATH=/bin", "A=b=c"));
  EXPECT_THAT(oci->settings.entrypoint, ElementsAre("/bin/sh"));
  EXPECT_THAT(oci->settings.cmd, ElementsAre("-c", "true"));
  EXPECT_EQ(oci->settings.working_dir, "/srv");
}

TEST(OciImage, LayersComeInTheManifestsOrderWhereverTheyLie) {
  OciBuilder builder;
  builder.objects_change = [](auto& objects) { std::swap(objects[0], objects[1]); };
  const auto oci = read(builder);
  ASSERT_TRUE(oci) << oci.error().line();
  EXPECT_THAT(oci->layers, ElementsAre(1, 0));
}

TEST(OciImage, MayKeepDockersDocumentsAndSayLittle) {
  OciBuilder builder;
  builder.manifest_change = [](std::string& text) {
    replacing("vnd.oci.image.manifest.v1", "vnd.docker.distribution.manifest.v2")(text);
    replacing("vnd.oci.image.config.v1", "vnd.docker.container.image.v1")(text);
  };
  builder.index_change = [](std::string& text) {
    replacing("vnd.oci.image.manifest.v1", "vnd.docker.distribution.manifest.v2")(text);
    replacing("\"}]", R"(","platform":{"architecture":"amd64","os":"linux"},)"
                      R"("artifactType":"application/vnd.docker.container.image.v1+json"}])")(text);
  };
  builder.run = R"({"Env":null,"Entrypoint":null,"Cmd":null,"WorkingDir":""})";
  const auto oci = read(builder);
  ASSERT_TRUE(oci) << oci.error().line();
  EXPECT_THAT(oci->settings.env, IsEmpty());
  EXPECT_THAT(oci->settings.entrypoint, IsEmpty());
  EXPECT_THAT(oci->settings.cmd, IsEmpty());
  EXPECT_EQ(oci->settings.working_dir, "");
  builder.run = "null";
  EXPECT_TRUE(read(builder));
}

TEST(OciImage, VariablesWithoutAValueAreLeftOut) {
  OciBuilder builder;
  builder.run = R"({"Env":["A","B=","C=1"]})";
  const auto oci = read(builder);
  ASSERT_TRUE(oci) << oci.error().line();
  EXPECT_THAT(oci->settings.env, ElementsAre("B=", "C=1"));
}

TEST(OciImage, IsNoneWithoutSuchObjects) {
  const UniqueFd fd = test::file_of(test::plain_image().build());
  EXPECT_FALSE(has_oci_objects(read_image(fd.get()).value()));
}

struct Flaw {
  std::string name;
  std::function<void(OciBuilder&)> make;
  std::string complaint;
};
void PrintTo(const Flaw& flaw, std::ostream* out) {
  *out << flaw.name;
}

std::function<void(OciBuilder&)> objects(
    const std::function<void(std::vector<test::ObjectSpec>&)>& change) {
  return [=](OciBuilder& builder) { builder.objects_change = change; };
}
std::function<void(OciBuilder&)> config(const std::string& from, const std::string& to) {
  return [=](OciBuilder& builder) { builder.config_change = replacing(from, to); };
}
std::function<void(OciBuilder&)> manifest(const std::string& from, const std::string& to) {
  return [=](OciBuilder& builder) { builder.manifest_change = replacing(from, to); };
}
std::function<void(OciBuilder&)> index(const std::string& from, const std::string& to) {
  return [=](OciBuilder& builder) { builder.index_change = replacing(from, to); };
}
std::function<void(OciBuilder&)> runs(const std::string& text) {
  return [=](OciBuilder& builder) { builder.run = text; };
}
std::function<void(OciBuilder&)> layers_of(const std::string& type) {
  return [=](OciBuilder& builder) { builder.layer_type = type; };
}

const std::string kOther =
    R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"sha256:)" +
    std::string(64, '0') + "\"";

const std::vector<Flaw> kFlaws = {
    // What stands beside it, and what its objects say of themselves.
    {"a_partition_beside",
     objects([](auto& o) { o.push_back(test::partition_of(1, 2, test::squashfs())); }),
     "object 6 (partition 'root.part') stands beside an OCI image"},
    {"other_data_beside", objects([](auto& o) { o.emplace_back(); }),
     "object 6 (generic data) stands beside an OCI image"},
    {"no_root_index", objects([](auto& o) { o.pop_back(); }), "no OCI root index"},
    {"two_root_indices", objects([](auto& o) { o.push_back(test::blob_of("{}", 0x400A)); }),
     "object 5 (OCI root index) and object 6 (OCI root index) are both"},
    {"no_digest", objects([](auto& o) { o[0].extra.clear(); }),
     "the descriptor of object 1 (OCI blob) states no digest"},
    {"digest_in_capitals", objects([](auto& o) {
       for (char& c : o[1].extra) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
     }),
     "the descriptor of object 2 (OCI blob) states no digest"},
    {"digest_with_something_behind",
     objects([](auto& o) { o[0].extra += std::string(1, '\0') + "x"; }),
     "the descriptor of object 1 (OCI blob) states no digest"},
    {"digest_of_another_kind",
     objects([](auto& o) { o[0].extra = "sha512:" + std::string(128, 'a'); }), "states no digest"},
    {"root_index_without_digest", objects([](auto& o) { o[4].extra.clear(); }),
     "the descriptor of object 5 (OCI root index) states no digest"},
    {"name_of_another", objects([](auto& o) { o[0].name = o[1].extra; }),
     "is named by another digest"},
    {"same_blob_twice", objects([](auto& o) { o.push_back(o[0]); }),
     "object 1 (OCI blob) and object 6 (OCI blob) are the same OCI blob"},
    {"stray_blob", objects([](auto& o) { o.push_back(test::blob_of("more")); }),
     "object 6 (OCI blob) belongs to no part of the OCI image"},
    {"missing_layer", objects([](auto& o) { o.erase(o.begin()); }),
     "layer 1 of the OCI image, sha256:"},
    {"missing_manifest", objects([](auto& o) { o.erase(o.begin() + 3); }),
     "the manifest of the OCI image, sha256:"},
    {"missing_config", objects([](auto& o) { o.erase(o.begin() + 2); }),
     "the configuration of the OCI image, sha256:"},
    {"descriptor_of_another", objects([](auto& o) { o[0].extra = test::oci_digest_of("x"); }),
     "layer 1 of the OCI image, sha256:"},
    {"no_squashfs", [](OciBuilder& b) { b.layers[0] = std::string(4096, 'x'); },
     "object 1 (OCI blob) is no squashfs"},
    {"squashfs_beyond_its_blob", [](OciBuilder& b) { b.layers[1] = test::squashfs(5000, 4096); },
     "object 2 (OCI blob) says it has 5000 bytes"},
    {"tiny_layer", [](OciBuilder& b) { b.layers[1] = "hsqs"; }, "is no squashfs"},
    // The root index.
    {"index_no_json", index("{", "["), "the OCI root index: not an object of named fields"},
    {"index_version", index(":2,", ":1,"), "the schema version is not 2"},
    {"index_type", index("image.index", "image.manifest"), "it calls itself"},
    {"index_field", index("{", R"({"Manifests":[],)"), "unknown field 'Manifests'"},
    {"index_field_twice", index("{", R"({"schemaVersion":2,)"), "'schemaVersion' is repeated"},
    {"no_manifests",
     [](OciBuilder& b) {
       b.index_change = [](std::string& text) { text = text.substr(0, text.find('[')) + "[]}"; };
     },
     "names 0 manifests"},
    {"two_manifests", index("[", "[" + kOther + "},"), "names 2 manifests"},
    {"cosigned",
     index("[", "[" + kOther +
                    R"(,"annotations":{)"
                    R"("org.opencontainers.image.ref.name":"_cosign:sha256-0.sig"}},)"),
     "signatures or attestations of cosign"},
    {"nested_index",
     index("[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json",
           "[{\"mediaType\":\"application/vnd.oci.image.index.v1+json"),
     "names another index"},
    {"unknown_manifest",
     index("[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json",
           "[{\"mediaType\":\"application/x-strange"),
     "unknown type 'application/x-strange'"},
    {"manifest_size", index("\"size\":", "\"size\":1"), "it is said to have"},
    {"manifest_size_negative", index("\"size\":", "\"size\":-"), "'size' has the wrong type"},
    {"manifest_size_fraction", index(",\"digest", ".0,\"digest"), "'size' has the wrong type"},
    {"index_digest_form", index("sha256:", "SHA256:"), "is not sha256: and 64"},
    {"index_inline_data", index("\"size\"", "\"data\":\"e30=\",\"size\""), "unknown field 'data'"},
    {"index_of_an_artifact", index("\"size\"", "\"artifactType\":\"application/x-model\",\"size\""),
     "artifact of the unknown type 'application/x-model'"},
    // The manifest.
    {"manifest_type", manifest("image.manifest", "image.index"), "it calls itself"},
    {"manifest_version", manifest(":2,", ":\"2\","), "'schemaVersion' has the wrong type"},
    {"manifest_field", manifest("{", R"({"subject":{},)"), "unknown field 'subject'"},
    {"no_layers", [](OciBuilder& b) { b.layers.clear(); }, "names 0 layers"},
    {"too_many_layers",
     [](OciBuilder& b) {
       b.layers.clear();
       for (std::uint64_t i = 0; i < 129; ++i) b.layers.push_back(test::layer_data(i));
     },
     "names 129 layers, not 1 to 128"},
    {"ext3_layer", layers_of("application/vnd.sylabs.image.layer.v1.ext3"),
     "layer 1 of the OCI image is ext3"},
    {"tar_layer", layers_of("application/vnd.oci.image.layer.v1.tar+gzip"),
     "layer 1 of the OCI image is a tar archive"},
    {"docker_tar_layer", layers_of("application/vnd.docker.image.rootfs.diff.tar.gzip"),
     "layer 1 of the OCI image is a tar archive"},
    {"unknown_layer", layers_of("application/x-strange"), "is of the unknown type"},
    {"config_type", manifest("image.config", "image.else"),
     "a configuration of the unknown type 'application/vnd.oci.image.else.v1+json'"},
    {"data_container",
     [](OciBuilder& b) {
       b.manifest_change = [](std::string& text) {
         replacing("image.config.v1", "empty.v1")(text);
         replacing("{", R"({"artifactType":"application/vnd.sylabs.data-container.v1",)")(text);
       };
     },
     "is an OCI data container"},
    {"layer_size", manifest("\"size\":4097", "\"size\":4098"),
     "object 2 (OCI blob) has 4097 bytes, but as layer 2 of the OCI image"},
    {"layer_twice",
     [](OciBuilder& b) {
       b.layers[1] = b.layers[0];
       b.objects_change = [](auto& o) { o.erase(o.begin()); };
     },
     "layer 2 of the OCI image is object 1 (OCI blob), which is something else already"},
    {"config_as_layer",
     [](OciBuilder& b) {
       b.manifest_change = [text = test::reference_to(b.config(), b.layer_type)](std::string& m) {
         replacing("\"layers\":[", "\"layers\":[" + text + ",")(m);
       };
     },
     "layer 1 of the OCI image is object 3 (OCI blob), which is something else already"},
    // The configuration.
    {"another_system", config("linux", "windows"), "is for 'windows', not for linux"},
    {"no_system", config("\"os\":\"linux\",", ""), "field 'os' is missing"},
    {"architecture_of_no_name", config("amd64", "amd 64"), "field 'architecture'"},
    {"no_rootfs", config("rootfs", "roots"), "field 'rootfs' is missing"},
    {"rootfs_type", config("\"layers\"", "\"else\""), "the type is not 'layers'"},
    {"diff_id", config("\"diff_ids\":[\"sha256:", "\"diff_ids\":[\"sha256:0"),
     "states another digest for layer 1"},
    {"fewer_diff_ids",
     [](OciBuilder& b) {
       b.config_change = [](std::string& text) {
         text = text.substr(0, text.rfind(",\"sha256")) + "]}}";
       };
     },
     "speaks of 1 layers, the manifest of 2"},
    {"case_of_config", config("{", R"({"Config":{"Cmd":["other"]},)"),
     "'Config' differs from a known one in case alone"},
    {"case_of_env", runs(R"({"env":["A=1"]})"), "'env' differs from a known one in case alone"},
    {"config_repeated", config("{", R"({"config":{},)"), "'config' is repeated"},
    {"config_nested", config("20\"", "20\",\"x\":[[[[[[[[[]]]]]]]]]"), "nested deeper"},
    {"env_twice", runs(R"({"Env":["A=1","A=2"]})"), "has the variable 'A' twice"},
    {"env_without_name", runs(R"({"Env":["=1"]})"), "a variable without a name"},
    {"env_no_list", runs(R"({"Env":"A=1"})"), "'Env' has the wrong type"},
    {"env_of_numbers", runs(R"({"Env":[1]})"), "'Env' holds something else than strings"},
    {"nul_in_a_word", runs(R"({"Cmd":["a\u0000b"]})"), "has a NUL byte"},
    {"relative_directory", runs(R"({"WorkingDir":"srv"})"), "'srv' is not absolute"},
    {"long_words", runs(R"({"Cmd":[")" + std::string(kMaxOciText + 1, 'x') + "\"]}"),
     "have more than 4096 words or 131072 bytes"},
    {"large_config", config("20", std::string(kMaxOciDocument, '2')), "more than the 1048576"},
};

class Flaws : public ::testing::TestWithParam<Flaw> {};

TEST_P(Flaws, AreRefusedByName) {
  OciBuilder builder;
  GetParam().make(builder);
  const auto oci = read(builder);
  ASSERT_FALSE(oci);
  EXPECT_EQ(oci.error().code(), Code::refused);
  EXPECT_THAT(oci.error().what(), HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(OciImage, Flaws, ::testing::ValuesIn(kFlaws),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(OciImage, EveryTruncationOfADocumentIsRefused) {
  for (std::size_t cut = 1; cut < 500; cut += 7) {
    OciBuilder builder;
    builder.manifest_change = [cut](std::string& text) { text.resize(text.size() - cut); };
    EXPECT_FALSE(read(builder)) << cut;
  }
}

}  // namespace
}  // namespace sifguard::sif
