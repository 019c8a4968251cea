// SPDX-License-Identifier: Apache-2.0
//
// The system, for administrators: are the services there, how far behind are they, how much disk is left.

import { useEffect } from "preact/hooks";
import { link, useAsk, type Cut } from "../api";
import { say } from "../language";
import { writeBytes, writeNumber } from "../numbers";
import { Answer } from "../parts/notice";

interface ServiceStatus {
    service: string;
    up: boolean;
    error?: string;
    version?: string;
    ready?: boolean;
    reason?: string;
    cut?: Cut;
    gauges?: Record<string, number>;
}

const EVERY_MS = 5000;

function serviceName(name: string): string {
    const names: Record<string, [string, string]> = {
        intake: ["Tiếp nhận sự kiện (intake)", "Intake"],
        aggregation: ["Tổng hợp (aggregation)", "Aggregation"],
        reporting: ["Báo cáo (reporting)", "Reporting"],
    };
    const texts = names[name];
    return texts === undefined ? name : say(texts[0], texts[1]);
}

export function System() {
    const status = useAsk<ServiceStatus[]>(link("status"));
    useEffect(() => {
        const timer = setInterval(status.again, EVERY_MS);
        return () => clearInterval(timer);
    }, []);
    return (
        <>
            <h1>{say("Hệ thống", "System")}</h1>
            <Answer of={{ ...status, loading: status.loading && status.data === null }}>
                {(services) => <Services services={services} />}
            </Answer>
        </>
    );
}

function Services({ services }: { services: ServiceStatus[] }) {
    const furthest = Math.max(0, ...services.map((service) => service.cut?.position ?? 0));
    return (
        <div class="wide-table" tabIndex={0} role="region" aria-label={say("Các dịch vụ", "Services")}>
            <table class="list">
                <thead>
                    <tr>
                        <th scope="col">{say("Dịch vụ", "Service")}</th>
                        <th scope="col">{say("Tình trạng", "State")}</th>
                        <th scope="col">{say("Phiên bản", "Version")}</th>
                        <th scope="col" class="n">
                            {say("Vị trí", "Position")}
                        </th>
                        <th scope="col" class="n">
                            {say("Chậm (sự kiện)", "Behind (events)")}
                        </th>
                        <th scope="col" class="n">
                            {say("Dữ liệu", "Data")}
                        </th>
                        <th scope="col" class="n">
                            {say("Đĩa còn trống", "Free disk")}
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {services.map((service) => (
                        <tr key={service.service}>
                            <th scope="row">{serviceName(service.service)}</th>
                            <td class={service.up && service.ready !== false ? "good" : "late"}>{stateOf(service)}</td>
                            <td>{service.version ?? ""}</td>
                            <td class="n">{service.cut ? writeNumber(service.cut.position) : ""}</td>
                            <td class="n">{service.cut ? writeNumber(furthest - service.cut.position) : ""}</td>
                            <td class="n">{bytes(service, "used_bytes")}</td>
                            <td class="n">{bytes(service, "free_disk_bytes")}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function stateOf(service: ServiceStatus): string {
    if (!service.up) {
        return `${say("Không trả lời", "No answer")}${service.error ? `: ${service.error}` : ""}`;
    }
    return service.ready === false
        ? `${say("Chưa sẵn sàng", "Not ready")}${service.reason ? `: ${service.reason}` : ""}`
        : say("Hoạt động bình thường", "Working");
}

function bytes(service: ServiceStatus, gauge: string): string {
    const value = service.gauges?.[gauge];
    return value === undefined ? "" : writeBytes(value);
}
