/* The consumer of har.hpp: golden vectors, a stream, what is refused, and that objects move. */
#include <cstdio>
#include <type_traits>
#include <vector>

#include <har.hpp>

static_assert(!std::is_copy_constructible_v<har::Model> && !std::is_copy_assignable_v<har::Stream>);
static_assert(std::is_nothrow_move_constructible_v<har::Model> &&
              std::is_nothrow_move_assignable_v<har::Stream>);

namespace {

void need(bool holds, const char *what)
{
    if (!holds) throw std::runtime_error(what);
}

/* The status of what `function` throws, HAR_OK where it throws nothing; `field` names, where it is
 * given, what is wrong. */
template <typename Function>
int refused(Function function, std::string_view field = {})
{
    try {
        function();
    } catch (const har::Error &error) {
        need(field.empty() || error.field() == field, "the field is named");
        return error.status();
    }
    return HAR_OK;
}

void check(const char *path)
{
    har::Model opened(path);
    har::Model model = std::move(opened);
    need(refused([&] { opened.info(); }) == HAR_ERR_NULL, "a model that moved away is empty");

    const har_model_info info = model.info();
    need(model.classes().size() == info.class_count, "a name for every class");
    std::vector<float> samples(std::size_t{info.channel_count} * info.window * 3);
    for (std::size_t i = 0; i < samples.size(); i += info.channel_count) samples[i] = 1.0f;

    har::Stream first(model);
    const auto golden = model.selftest().checked;
    har::Stream stream = std::move(first);
    { /* the stream keeps what it needs of the model */
        har::Model last = std::move(model);
    }
    unsigned events = 0;
    stream.run(samples, [&](const har::Event &event) {
        float sum = 0.0f;
        for (float score : event.scores()) sum += score;
        need(event.scores().size() == info.class_count && sum > 0.999f && sum < 1.001f, "scores");
        events++;
    });
    need(events == 1 + (2 * info.window - info.latency) / info.hop, "a label for every window");
    need(!stream.poll().has_value(), "no further label is due");
    need(refused(
             [&] {
                 stream.push({samples.data(), 1});
             },
             "samples") == HAR_ERR_CHANNELS,
         "part of a row");
    const std::vector<std::int64_t> times(2);
    need(refused(
             [&] {
                 stream.push({samples.data(), info.channel_count}, times);
             },
             "times_ns") == HAR_ERR_ROWS,
         "two times for one row");
    need(stream.flush() && refused([&] { stream.push(samples); }) == HAR_ERR_FLUSHED, "flushed");
    stream.reset();
    need(stream.push({samples.data(), info.channel_count}) == 1, "as new after a reset");
    std::printf("%s: %u golden vectors, %u labels\n", path, golden, events);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        need(argc > 1, "usage: golden MODEL...");
        need(refused([] { har::Model("none.har"); }) == HAR_ERR_FILE_OPEN, "no such file");
        for (int i = 1; i < argc; i++) check(argv[i]);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
