// A shape as a flow graph of oneTBB. The nodes pass no data, only the word to go on; values stand in an array.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>

namespace flow = oneapi::tbb::flow;

namespace {

// The same as `step` in src/op.rs.
std::uint64_t step(std::uint64_t node, std::uint64_t given, std::uint32_t w) {
    std::uint64_t x = given + node + 1;
    for (std::uint32_t i = 0; i < w; ++i) {
        x = (x ^ (x >> 32)) * 0x9E3779B97F4A7C15u;
    }
    asm volatile("" : "+r"(x));
    return x;
}

using Node = flow::continue_node<flow::continue_msg>;

}  // namespace

struct FlowGraph {
    FlowGraph(std::size_t threads, std::uint32_t w)
        : threads(oneapi::tbb::global_control::max_allowed_parallelism, threads), w(w) {}

    void add(const std::size_t* preds, std::size_t count) {
        const std::size_t id = nodes.size();
        const std::vector<std::size_t> inputs(preds, preds + count);
        values.push_back(0);
        is_sink.push_back(true);
        nodes.push_back(std::make_unique<Node>(graph, [this, id, inputs](const flow::continue_msg&) {
            std::uint64_t given = inputs.empty() ? x : 0;
            for (std::size_t input : inputs) {
                given += values[input];
            }
            values[id] = step(id, given, w);
            return flow::continue_msg();
        }));
        if (inputs.empty()) {
            roots.push_back(id);
        }
        for (std::size_t input : inputs) {
            flow::make_edge(*nodes[input], *nodes[id]);
            is_sink[input] = false;
        }
    }

    std::uint64_t run(std::uint64_t input) {
        x = input;
        for (std::size_t root : roots) {
            nodes[root]->try_put(flow::continue_msg());
        }
        graph.wait_for_all();
        std::uint64_t sum = 0;
        for (std::size_t id = 0; id < nodes.size(); ++id) {
            sum += is_sink[id] ? values[id] : 0;
        }
        return sum;
    }

    oneapi::tbb::global_control threads;
    flow::graph graph;
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::size_t> roots;
    std::vector<bool> is_sink;
    std::vector<std::uint64_t> values;
    std::uint64_t x = 0;
    std::uint32_t w;
};

extern "C" {

FlowGraph* flow_graph_new(std::size_t threads, std::uint32_t w) { return new FlowGraph(threads, w); }

void flow_graph_add(FlowGraph* graph, const std::size_t* preds, std::size_t count) { graph->add(preds, count); }

std::uint64_t flow_graph_run(FlowGraph* graph, std::uint64_t x) { return graph->run(x); }

void flow_graph_delete(FlowGraph* graph) { delete graph; }

}
